import * as fs from 'fs';
import * as path from 'path';
import type { IReusableStackSynthesizer } from 'aws-cdk-lib';
import { App, BootstraplessSynthesizer, CfnResource, DefaultStackSynthesizer, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import type { NetworkTeamSynthesizerProps } from '../../src';
import { NetworkConnectorGuardrail, NetworkTeamSynthesizer } from '../../src';
import { teamBootstrapTemplate } from '../../src/network/team-bootstrap';
import { testApp } from '../support/stacks';

const PATH = '/network-team/';

const synthesizer = (props: Partial<NetworkTeamSynthesizerProps> = {}) => new NetworkTeamSynthesizer({ networkTeamPath: PATH, qualifier: 'netteam', ...props });

/** A stack with a resource, because CloudFormation rejects a template without one. */
function stackIn(scope: App | Stage, id: string, stackSynthesizer?: IReusableStackSynthesizer): Stack {
  const stack = new Stack(scope, id, { synthesizer: stackSynthesizer });
  new CfnResource(stack, 'Role', { type: 'AWS::IAM::Role', properties: { AssumeRolePolicyDocument: { Statement: [] } } });
  return stack;
}

const read = (directory: string, file: string) => JSON.parse(fs.readFileSync(path.join(directory, file), 'utf8'));

describe('the stacks of a network team', () => {
  const app = testApp();
  stackIn(app, 'Network', synthesizer());
  const { directory, artifacts } = app.synth();
  const { assumeRoleArn, cloudFormationExecutionRoleArn, lookupRole, bootstrapStackVersionSsmParameter } = artifacts.find(({ id }) => id === 'Network')!.manifest.properties as any;

  test('are deployed by roles under the path of the team', () => {
    const roleArn = (name: string) => `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role/network-team/cdk-netteam-${name}-role-\${AWS::AccountId}-\${AWS::Region}`;
    expect([assumeRoleArn, cloudFormationExecutionRoleArn, lookupRole.arn]).toEqual(['deploy', 'cfn-exec', 'lookup'].map(roleArn));
    const [file] = Object.values<any>(read(directory, 'Network.assets.json').files);
    expect(Object.values(file.destinations)).toEqual([expect.objectContaining({
      assumeRoleArn: roleArn('file-publishing'), bucketName: 'cdk-netteam-assets-${AWS::AccountId}-${AWS::Region}',
    })]);
    expect(bootstrapStackVersionSsmParameter).toBe('/cdk-bootstrap/netteam/version');
  });

  test('are deployed by roles that the bootstrap creates under these names', () => {
    const { Resources: resources } = read(directory, 'bootstrap-netteam.json');
    const created = Object.values<any>(resources).filter(({ Type: type }) => type === 'AWS::IAM::Role')
      .map(({ Properties: { Path: rolePath, RoleName: name } }) => `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:role${rolePath}${name['Fn::Sub']}`);
    expect(created).toEqual(expect.arrayContaining([assumeRoleArn, cloudFormationExecutionRoleArn, lookupRole.arn]));
  });
});

describe('the template of the bootstrap', () => {
  test('is written into the cloud assembly', () => {
    const app = testApp();
    stackIn(app, 'Network', synthesizer({ permissionSets: ['NetworkTeam'] }));
    const expected = teamBootstrapTemplate({ networkTeamPath: PATH, qualifier: 'netteam', permissionSets: ['NetworkTeam'] });
    expect(read(app.synth().directory, 'bootstrap-netteam.json')).toEqual(expected);
  });

  test('is written into the cloud assembly of the app, also for a stack in a stage', () => {
    const app = new App({ analyticsReporting: false, defaultStackSynthesizer: synthesizer() });
    stackIn(new Stage(app, 'Production'), 'Network');
    const { directory } = app.synth();
    expect(fs.readdirSync(directory)).toContain('bootstrap-netteam.json');
    expect(fs.readdirSync(path.join(directory, 'assembly-Production'))).not.toContain('bootstrap-netteam.json');
  });

  test('is one for each qualifier', () => {
    const app = testApp();
    stackIn(app, 'One', synthesizer());
    stackIn(app, 'Same', synthesizer());
    stackIn(app, 'Other', synthesizer({ qualifier: 'other', permissionSets: ['Other'] }));
    expect(fs.readdirSync(app.synth().directory)).toEqual(expect.arrayContaining(['bootstrap-netteam.json', 'bootstrap-other.json']));
  });

  test('fails if two synthesizers with one qualifier differ, because the last one would overwrite the other', () => {
    const app = testApp();
    stackIn(app, 'One', synthesizer());
    stackIn(app, 'Other', synthesizer({ permissionSets: ['Other'] }));
    expect(() => app.synth()).toThrow(/^qualifier: another stack .* 'netteam' .*NetworkTeamSynthesizerInvalid at Other/);
  });
});

describe('the properties of the synthesizer', () => {
  test.each(['', 'elevenchars', 'UPPER', 'a_b', 'a b', '${AWS::Region}'])('fail for the qualifier %p', qualifier => {
    expect(() => synthesizer({ qualifier })).toThrow(/^qualifier: .*NetworkTeamSynthesizerInvalid/);
  });

  test('fail for the qualifier of the bootstrap that developers share', () => {
    expect(() => synthesizer({ qualifier: 'hnb659fds' })).toThrow(/^qualifier: 'hnb659fds' is the qualifier of the bootstrap that developers share; .*NetworkTeamSynthesizerInvalid/);
  });

  test.each(['network-team', '/network-team', '/', '/a*/'])('fail for the path %p', networkTeamPath => {
    expect(() => synthesizer({ networkTeamPath })).toThrow(/^networkTeamPath: .*NetworkTeamSynthesizerInvalid/);
  });

  test.each(['', '*', 'Network?', 'a b', 'x'.repeat(33)])('fail for the permission set %p', name => {
    expect(() => synthesizer({ permissionSets: ['NetworkTeam', name] })).toThrow(/^permissionSets: .*NetworkTeamSynthesizerInvalid/);
  });

  test('fail for more permission sets than fit into a trust policy', () => {
    const sets = (count: number) => Array.from({ length: count }, (_, n) => `AdministratorsOfTheNetworkTeam-${n}`);
    expect(() => synthesizer({ permissionSets: sets(5) })).not.toThrow();
    expect(() => synthesizer({ permissionSets: sets(7) })).toThrow(/^permissionSets: with 7 permission sets, .* the limit is 2048; use fewer .*NetworkTeamSynthesizerInvalid/);
  });
});

describe('a team path with the shared bootstrap', () => {
  const applied = (scope: App | Stage | Stack) => NetworkConnectorGuardrail.applyNetworkTeamPath(scope, PATH);

  test('fails, and names each stack, in any order of the calls', () => {
    const app = testApp();
    applied(app);
    stackIn(app, 'Network');
    stackIn(app, 'Guard', synthesizer());
    stackIn(new Stage(app, 'Production'), 'Network');
    const failure = () => app.synth();
    expect(failure).toThrow(/synthesizer: stack 'Network' of the network team .*\(qualifier 'hnb659fds'\); use a NetworkTeamSynthesizer .*NetworkTeamBootstrapShared at Network/);
    expect(failure).toThrow(/NetworkTeamBootstrapShared at Production\/Network/);
    expect(failure).not.toThrow(/NetworkTeamBootstrapShared at Guard/);
  });

  test('fails if the path is applied to a stack', () => {
    const app = testApp();
    applied(stackIn(app, 'Network', new DefaultStackSynthesizer()));
    stackIn(app, 'Developers');
    expect(() => app.synth()).toThrow(/NetworkTeamBootstrapShared at Network/);
    expect(() => app.synth()).not.toThrow(/NetworkTeamBootstrapShared at Developers/);
  });

  test('fails once for a stack with nested stacks', () => {
    const app = testApp();
    new CfnResource(new NestedStack(stackIn(app, 'Network'), 'Nested'), 'Topic', { type: 'AWS::SNS::Topic' });
    applied(app);
    const message = (() => { try { app.synth(); } catch (error) { return (error as Error).message; } return ''; })();
    expect(message.match(/NetworkTeamBootstrapShared at/g)).toHaveLength(1);
  });

  test.each<[string, IReusableStackSynthesizer]>([
    ['a bootstrap of the team', synthesizer()],
    ['another qualifier', new DefaultStackSynthesizer({ qualifier: 'other' })],
    ['no bootstrap', new BootstraplessSynthesizer()],
  ])('does not fail with %s', (_, own) => {
    const app = testApp();
    applied(app);
    stackIn(app, 'Network', own);
    expect(() => app.synth()).not.toThrow();
  });

  test('does not fail with another qualifier in the context', () => {
    const app = testApp({ '@aws-cdk/core:bootstrapQualifier': 'other' });
    applied(app);
    stackIn(app, 'Network');
    expect(() => app.synth()).not.toThrow();
  });
});
