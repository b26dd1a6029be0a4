import * as fs from 'fs';
import * as path from 'path';
import { App, CfnParameter, CfnResource, DefaultStackSynthesizer, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { testNetworkConnector } from './support';
import type { NetworkConnectorGuardrailProps } from '../../src';
import {
  AllowedNetworkConnectors, ManagedNetworkConnector, MicrovmCode, MicrovmImage, NetworkConnector, NetworkConnectorGuardrail, NetworkTeamSynthesizer,
} from '../../src';
import { expectAnswers } from '../support/iam';
import { ACCOUNT, REGION, testApp, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const connectorArn = (n: number) => `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-${String(n).padStart(36, '0')}`;
const managed = (name: string) => `arn:aws:lambda:${REGION}:aws:network-connector:aws-network-connector:${name}`;
const pass = (resource: string) => ({ action: 'lambda:PassNetworkConnector', resource });
const ALLOW_ALL = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };

function guardrail(props: Partial<NetworkConnectorGuardrailProps> = {}, stack = testStack()) {
  return new NetworkConnectorGuardrail(stack, 'Guardrail', {
    allowed: AllowedNetworkConnectors.allInAccount(), networkTeamPath: '/network-team/', boundaryName: 'developer-boundary', ...props,
  });
}

/** Imports this many connectors. */
function connectors(count: number, stack: Stack) {
  return Array.from({ length: count }, (_, n) => NetworkConnector.fromNetworkConnectorArn(stack, `Connector${n}`, connectorArn(n)));
}

const boundaryOf = (stack: Stack) => ResolvedTemplate.stack(stack).resource('AWS::IAM::ManagedPolicy', 'GuardrailBoundary').Properties;
const sids = (document: any) => document.Statement.map(({ Sid }: { Sid: string }) => Sid);

const DENIES = ['OnlyPublished', 'NoChange', 'NoTags', 'NoInterfaces', 'NetworkTeam', 'NetworkTeamStacks'];

describe('the forms of a guardrail', () => {
  test('are a boundary that permits what it does not deny, and three forms with only the denies', () => {
    const stack = testStack();
    const rail = guardrail({}, stack);
    const denyPolicy = rail.denyPolicy;
    expect(rail.denyPolicy).toBe(denyPolicy);
    expect(sids(boundaryOf(stack).PolicyDocument)).toEqual(['Bound', 'BoundaryOnRoles', 'KeepBoundary', 'OwnCredentials', ...DENIES]);
    expect(boundaryOf(stack).ManagedPolicyName).toBe('developer-boundary');
    expect(sids(ResolvedTemplate.stack(stack).resource('AWS::IAM::ManagedPolicy', 'GuardrailDenyPolicy').Properties.PolicyDocument)).toEqual([...DENIES, 'KeepAttached']);
    expect(sids(stack.resolve(rail.scpDocument))).toEqual(['Stay', ...DENIES]);
    expect(rail.denyStatements.map(statement => statement.sid)).toEqual(DENIES);
    expect(stack.resolve(rail.scpDocument).Statement.every(({ Effect }: any) => Effect === 'Deny')).toBe(true);
  });

  test('except the boundary are created only when they are used', () => {
    const stack = testStack();
    guardrail({}, stack);
    Template.fromStack(stack).resourceCountIs('AWS::IAM::ManagedPolicy', 1);
  });

  test('can be merged into an existing boundary', async () => {
    const stack = testStack();
    const rail = guardrail({}, stack);
    new iam.ManagedPolicy(stack, 'Company', { statements: [new iam.PolicyStatement({ actions: ['*'], resources: ['*'] }), ...rail.denyStatements] });
    const boundary = ResolvedTemplate.stack(stack).resource('AWS::IAM::ManagedPolicy', 'Company').Properties.PolicyDocument;
    await expectAnswers([ALLOW_ALL], false, [pass(managed('INTERNET_EGRESS'))], { boundary });
    await expectAnswers([ALLOW_ALL], true, [pass(managed('NO_INGRESS')), pass(connectorArn(1))], { boundary });
  });

  test('exempt the network team by its path from all denies except the choice of connectors', () => {
    const stack = testStack();
    const statements = stack.resolve(guardrail({}, stack).scpDocument).Statement;
    const exempt = statements.filter(({ Condition }: any) => Condition?.ArnNotLike?.['aws:PrincipalArn'] !== undefined);
    expect(exempt.map(({ Sid }: any) => Sid)).toEqual(DENIES.slice(1));
    expect(JSON.stringify(exempt[0].Condition)).toContain(':iam::*:role/network-team/*');
  });

  test('have no tokens at synth if all connectors are allowed and the stack has a Region', () => {
    const stack = testStack(new App({ analyticsReporting: false, context: { '@aws-cdk/core:enablePartitionLiterals': true } }));
    expect(JSON.stringify(guardrail({}, stack).scpDocument.toJSON())).not.toMatch(/Token|Ref/);
  });
});

describe('the connectors that developers can use', () => {
  test.each<[string, Partial<NetworkConnectorGuardrailProps>, string[], string[]]>([
    [
      'all connectors of the account',
      {},
      [connectorArn(1), `${connectorArn(1)}:2`, managed('HTTP_INGRESS')],
      [managed('INTERNET_EGRESS'), managed('SHELL_INGRESS')],
    ],
    [
      'the given managed connectors',
      { managedConnectors: [ManagedNetworkConnector.INTERNET_EGRESS] },
      [managed('INTERNET_EGRESS')],
      [managed('HTTP_INGRESS')],
    ],
  ])('are %s', async (_, props, allowed, denied) => {
    const boundary = boundaryOf(Stack.of(guardrail(props))).PolicyDocument;
    await expectAnswers([ALLOW_ALL], true, allowed.map(pass), { boundary });
    await expectAnswers([ALLOW_ALL], false, denied.map(pass), { boundary });
  });

  test('are the given connectors in all of their versions, and no others', async () => {
    const stack = testStack();
    guardrail({ allowed: AllowedNetworkConnectors.only(...connectors(2, stack)) }, stack);
    const boundary = boundaryOf(stack).PolicyDocument;
    await expectAnswers([ALLOW_ALL], true, [connectorArn(0), `${connectorArn(1)}:7`].map(pass), { boundary });
    await expectAnswers([ALLOW_ALL], false, [connectorArn(2), managed('INTERNET_EGRESS')].map(pass), { boundary });
  });
});

describe('the size limit', () => {
  const sizeOf = (document: object) => JSON.stringify(document).length;
  const listing = (count: number) => {
    const stack = testStack();
    return { stack, rail: guardrail({ allowed: AllowedNetworkConnectors.only(...connectors(count, stack)) }, stack) };
  };
  const synthesize = (rail: NetworkConnectorGuardrail) => Template.fromStack(Stack.of(rail));
  const largestCount = (fits: (count: number) => void) => {
    let count = 0;
    for (;;) {
      try {
        fits(count + 1);
      } catch (error) {
        expect((error as Error).message)
          .toMatch(new RegExp('^allowed: with [0-9]+ connectors, .*; use AllowedNetworkConnectors\\.allInAccount\\(\\), '
            + 'because the denies cannot be split into several policies .*NetworkConnectorGuardrailTooLarge'));
        return count;
      }
      count++;
    }
  };

  test('fails on one connector more than the policies have room for', () => {
    const boundary = largestCount(count => synthesize(listing(count).rail));
    expect(sizeOf(boundaryOf(listing(boundary).stack).PolicyDocument)).toBeLessThanOrEqual(6144);
    expect(sizeOf(boundaryOf(listing(boundary).stack).PolicyDocument)).toBeGreaterThan(6144 - 100);
    const scp = largestCount(count => { void listing(count).rail.scpDocument; });
    const { stack, rail } = listing(scp);
    const document = stack.resolve(rail.scpDocument);
    const deployed = ResolvedTemplate.template({ Resources: {} }).resolve(document);
    expect(sizeOf(deployed)).toBeLessThanOrEqual(5120);
    expect(sizeOf(deployed)).toBeGreaterThan(5120 - 100);
    expect([boundary, scp]).toEqual([32, 33]);
  });

  test('leaves room for 25 connectors with three stacks, a bootstrap, a permission set and an identity provider', () => {
    const app = testApp();
    const synthesizer = new NetworkTeamSynthesizer({ networkTeamPath: '/network-team/', qualifier: 'netteam', permissionSets: ['NetworkTeam'] });
    for (const id of ['Vpc', 'Connectors']) new Stack(app, id, { synthesizer });
    NetworkConnectorGuardrail.applyNetworkTeamPath(app, '/network-team/');
    const stack = testStack(app, 'Guardrail', { synthesizer });
    const rail = guardrail({
      allowed: AllowedNetworkConnectors.only(...connectors(25, stack)),
      networkTeamIdentityProviders: [`arn:aws:iam::${ACCOUNT}:saml-provider/Company`],
    }, stack);
    expect(() => rail.scpDocument).not.toThrow();
    expect(() => synthesize(rail)).not.toThrow();
  });

  test('fails for many stacks with the advice to pass patterns', () => {
    const networkTeamStacks = Array.from({ length: 40 }, (_, n) => `network-of-region-${n}`);
    expect(() => synthesize(guardrail({ networkTeamStacks })))
      .toThrow(/networkTeamStacks: with 81 names of stacks, boundary has .*; pass patterns of their names, such as Network\*, .*GuardrailTooLarge/);
  });

  test('assumes the length of real ARNs for connectors that do not exist yet', () => {
    const unresolved = (count: number) => {
      const stack = testStack();
      const arns = Array.from({ length: count }, (_, n) => new CfnParameter(stack, `Arn${n}`).valueAsString);
      const allowed = AllowedNetworkConnectors.only(...arns.map((arn, n) => NetworkConnector.fromNetworkConnectorArn(stack, `Connector${n}`, arn)));
      return guardrail({ allowed }, stack);
    };
    expect(largestCount(count => synthesize(unresolved(count)))).toBe(32);
  });
});

describe('the path of the network team', () => {
  test('is set on all roles of its app, including the roles of the provider framework', () => {
    const app = testApp();
    const synthesizer = new NetworkTeamSynthesizer({ networkTeamPath: '/network-team/', qualifier: 'netteam' });
    const { stack } = testNetworkConnector({}, testStack(app, 'Test', { synthesizer }));
    new CfnResource(stack, 'Raw', { type: 'AWS::IAM::Role', properties: { AssumeRolePolicyDocument: { Statement: [] } } });
    NetworkConnectorGuardrail.applyNetworkTeamPath(app, '/network-team/');
    const roles = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role'));
    expect(roles.length).toBeGreaterThan(6);
    expect(roles.map(({ Properties }) => Properties.Path)).toEqual(roles.map(() => '/network-team/'));
  });

  test('is set in stages, and fails for a stage that is created later', () => {
    const app = testApp();
    const stageOf = (id: string) => {
      const stage = new Stage(app, id);
      const synthesizer = new DefaultStackSynthesizer({ qualifier: 'netteam' });
      return testNetworkConnector({}, testStack(stage as unknown as App, 'Network', { synthesizer })).stack;
    };
    const stack = stageOf('Early');
    NetworkConnectorGuardrail.applyNetworkTeamPath(app, '/network-team/');
    const roles = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Role'));
    expect(roles.map(({ Properties }) => Properties.Path)).toEqual(roles.map(() => '/network-team/'));
    stageOf('Late');
    expect(() => app.synth({ force: true })).toThrow(/stage 'Late' was created after applyNetworkTeamPath/);
  });

  test.each(['network-team', '/network-team', '//', '/', '/a b/'])('fails on %p', networkTeamPath => {
    expect(() => guardrail({ networkTeamPath })).toThrow(/networkTeamPath: .*NetworkConnectorGuardrailInvalid/);
    expect(() => NetworkConnectorGuardrail.applyNetworkTeamPath(testStack(), networkTeamPath)).toThrow('networkTeamPath');
  });

  test.each(['', 'a b', 'x'.repeat(129)])('fails on the boundary name %p', boundaryName => {
    expect(() => guardrail({ boundaryName })).toThrow(/boundaryName: .*NetworkConnectorGuardrailInvalid/);
  });
});

test('every role in our templates has the boundary that the context sets, including the roles of the provider framework', () => {
  const app = testApp({ '@aws-cdk/core:permissionsBoundary': { name: 'developer-boundary' } });
  const { stack } = testNetworkConnector({}, testStack(app));
  new MicrovmImage(stack, 'Image', { code: MicrovmCode.fromInline('FROM x') });
  const roles = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Role'));
  expect(roles.length).toBeGreaterThan(7);
  const without = roles.filter(([, { Properties }]) => !JSON.stringify(Properties.PermissionsBoundary ?? '').includes('policy/developer-boundary'));
  expect(without.map(([id]) => id)).toEqual([]);
});

test('no source file contains a literal partition', () => {
  const files = fs.readdirSync(path.join(__dirname, '..', '..', 'src'), { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
  const written = files.filter(file => /`arn:aws:|'arn:aws:/.test(fs.readFileSync(path.join(__dirname, '..', '..', 'src', file), 'utf8')));
  expect(written).toEqual([]);
});
