import * as fs from 'fs';
import * as path from 'path';
import { gunzipSync } from 'zlib';
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

interface Type {
  readonly kind: string;
  readonly interfaces?: string[];
  readonly properties?: { readonly name: string }[];
  readonly methods?: { readonly name: string }[];
}

/** As the compiler of the gate left it. */
function assembly(): Record<string, Type> {
  const read = (file: string) => fs.readFileSync(path.join(__dirname, '..', file));
  const found = JSON.parse(read('.jsii').toString());
  return (found.schema === 'jsii/file-redirect' ? JSON.parse(gunzipSync(read(found.filename)).toString()) : found).types;
}

test('classes have what their interfaces promise, in Java too: a base class that is not exported passes on no parameter property', () => {
  const types = assembly();
  const members = ({ properties = [], methods = [] }: Type) => [...properties, ...methods].map(({ name }) => name);
  const missing = Object.entries(types).filter(([, { kind }]) => kind === 'class').flatMap(([name, type]) => {
    const promised = (type.interfaces ?? []).flatMap(one => types[one] ? members(types[one]) : []);
    return promised.filter(member => !members(type).includes(member)).map(member => `${name}.${member}`);
  });
  expect(missing).toEqual([]);
});
