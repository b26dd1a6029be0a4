import * as library from '../src';

test('the public surface is what the index names', () => {
  expect(Object.keys(library).sort()).toEqual([
    'AllowedNetworkConnectors', 'ManagedNetworkConnector', 'Microvm', 'MicrovmBaseImage', 'MicrovmBuildRole', 'MicrovmCode', 'MicrovmEgress',
    'MicrovmExecutionRole', 'MicrovmHooks', 'MicrovmImage', 'MicrovmImageGrants', 'MicrovmImageVersion', 'MicrovmIngress', 'MicrovmLaunchCheck',
    'MicrovmLauncher', 'MicrovmLogging', 'MicrovmMemory', 'MicrovmOsCapabilities', 'MicrovmTermination', 'MicrovmWorkflow', 'NetworkConnector',
    'NetworkConnectorCatalog', 'NetworkConnectorDeletion', 'NetworkConnectorGrants', 'NetworkConnectorGuardrail', 'NetworkConnectorOperatorRole',
    'NetworkProtocol', 'SessionTagging', 'WebIdentityLaunchRole', 'WebIdentitySigningAlgorithm',
  ]);
});
