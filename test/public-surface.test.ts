import * as library from '../src';

test('the public surface is what the index names', () => {
  expect(Object.keys(library).sort()).toEqual([
    'AllowedNetworkConnectors', 'ManagedNetworkConnector', 'MicrovmBaseImage', 'MicrovmBuildRole', 'MicrovmCode', 'MicrovmEgress', 'MicrovmHooks',
    'MicrovmImage', 'MicrovmImageGrants', 'MicrovmLogging', 'MicrovmMemory', 'MicrovmOsCapabilities', 'MicrovmTermination', 'NetworkConnector',
    'NetworkConnectorCatalog', 'NetworkConnectorDeletion', 'NetworkConnectorGrants', 'NetworkConnectorGuardrail', 'NetworkConnectorOperatorRole',
    'NetworkProtocol', 'SessionTagging',
  ]);
});
