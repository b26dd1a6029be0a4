import * as fs from 'fs';
import * as path from 'path';
import { gunzipSync } from 'zlib';
import * as library from '../src';

test('the public surface is what the index names', () => {
  expect(Object.keys(library).sort()).toEqual([
    'AllowedNetworkConnectors', 'DeploymentEncryption', 'ManagedNetworkConnector', 'Microvm', 'MicrovmArchitecture', 'MicrovmBaseImage', 'MicrovmBuildRole',
    'MicrovmCode', 'MicrovmEgress', 'MicrovmExecutionRole', 'MicrovmHooks', 'MicrovmImage', 'MicrovmImageGrants', 'MicrovmImageVersion',
    'MicrovmIngress', 'MicrovmLaunchCheck', 'MicrovmLauncher', 'MicrovmLauncherGrants', 'MicrovmLogging', 'MicrovmMemory', 'MicrovmOsCapabilities',
    'MicrovmPolicyValidation', 'MicrovmProvider',
    'MicrovmStateMachineFragment', 'MicrovmTermination', 'NetworkConnector', 'NetworkConnectorCatalog', 'NetworkConnectorDeletion',
    'NetworkConnectorElasticIps', 'NetworkConnectorGrants', 'NetworkConnectorGuardrail', 'NetworkConnectorOperatorRole',
    'NetworkConnectorPlacementRemoval', 'NetworkProtocol', 'NetworkTeamSynthesizer',
    'SessionTagging', 'WebIdentityLaunchRole', 'WebIdentitySigningAlgorithm',
  ]);
});

interface Docs {
  readonly summary?: string;
  readonly default?: string;
  readonly example?: string;
}

interface Member {
  readonly name: string;
  readonly optional?: boolean;
  readonly protected?: boolean;
  readonly parameters?: { readonly name: string }[];
  readonly docs?: Docs;
}

interface Type {
  readonly kind: string;
  readonly datatype?: boolean;
  readonly interfaces?: string[];
  readonly properties?: Member[];
  readonly methods?: Member[];
  readonly members?: Member[];
  readonly docs?: Docs;
}

/** Reads what the compiler of the gate wrote. */
function assembly(): Record<string, Type> {
  const read = (file: string) => fs.readFileSync(path.join(__dirname, '..', file));
  const found = JSON.parse(read('.jsii').toString());
  return (found.schema === 'jsii/file-redirect' ? JSON.parse(gunzipSync(read(found.filename)).toString()) : found).types;
}

const types = assembly();

test('classes have the members of their interfaces, in Java too: a base class that is not exported passes on no parameter property', () => {
  const members = ({ properties = [], methods = [] }: Type) => [...properties, ...methods].map(({ name }) => name);
  const missing = Object.entries(types).filter(([, { kind }]) => kind === 'class').flatMap(([name, type]) => {
    const promised = (type.interfaces ?? []).flatMap(one => types[one] ? members(types[one]) : []);
    return promised.filter(member => !members(type).includes(member)).map(member => `${name}.${member}`);
  });
  expect(missing).toEqual([]);
});

test('no member is protected: Java would show it to whoever extends the class, and the next version could not be without it', () => {
  const found = Object.entries(types).flatMap(([name, { properties = [], methods = [] }]) =>
    [...properties, ...methods].filter(member => member.protected).map(member => `${name}.${member.name}`));
  expect(found).toEqual([]);
});

test('no parameter has a name with an underscore: Python users give arguments by name', () => {
  const found = Object.entries(types).flatMap(([name, { methods = [] }]) =>
    methods.filter(({ parameters = [] }) => parameters.some(parameter => parameter.name.startsWith('_'))).map(method => `${name}.${method.name}`));
  expect(found).toEqual([]);
});

describe('documentation', () => {
  const named = (found: [string, Type][]) => found.map(([name]) => name);
  const membersOf = (keep: (member: Member, type: Type) => boolean) => Object.entries(types).flatMap(([name, type]) =>
    [...type.properties ?? [], ...type.methods ?? [], ...type.members ?? []].filter(member => keep(member, type)).map(member => `${name}.${member.name}`));

  test('says what each type is', () => {
    expect(named(Object.entries(types).filter(([, { docs }]) => !docs?.summary))).toEqual([]);
  });

  test('says what each property, method and member of an enum is', () => {
    expect(membersOf(({ docs }) => !docs?.summary)).toEqual([]);
  });

  test('says what happens without an optional property', () => {
    expect(membersOf(({ optional, docs }, { datatype }) => datatype === true && optional === true && !docs?.default)).toEqual([]);
  });

  test('shows by an example how each class, and each interface with methods, is used', () => {
    const behavior = Object.entries(types).filter(([, { kind, methods = [] }]) => kind === 'class' || (kind === 'interface' && methods.length > 0));
    expect(named(behavior.filter(([, { docs }]) => !docs?.example))).toEqual([]);
  });
});
