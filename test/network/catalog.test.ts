import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { testNetworkConnector, VPC } from './support';
import type { NetworkConnectorPublicationOptions } from '../../src';
import { MicrovmCode, MicrovmEgress, MicrovmImage, NetworkConnector, NetworkConnectorCatalog } from '../../src';
import { expectAnswers } from '../support/iam';
import { ACCOUNT, REGION, testConnector, testStack } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

jest.mock('../../src/private/bundle', () => jest.requireActual('../support/no-bundle'));

const ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-1`;
const PARAMETER = (name: string) => `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/network-connectors/platform/${name}`;

function catalogWith(options?: NetworkConnectorPublicationOptions) {
  const { stack, connector } = testNetworkConnector();
  const catalog = new NetworkConnectorCatalog(stack, 'Catalog', { catalogName: 'platform' });
  catalog.add('internal', connector, options);
  return { stack, connector, catalog };
}

function developerIn(stack: Stack): iam.Role {
  return new iam.Role(stack, 'Developer', { assumedBy: new iam.AccountRootPrincipal() });
}

describe('in the network team\'s app', () => {
  test('a connector is published as a parameter with a description', () => {
    Template.fromStack(catalogWith({ description: 'Databases' }).stack).hasResourceProperties('AWS::SSM::Parameter', {
      Name: '/network-connectors/platform/internal',
      Type: 'String',
      Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Connector'), 'ConnectorArn'] },
      Description: `Databases; IPv4; ${VPC}`,
    });
  });

  test('an L1 is published, and can be found and granted', async () => {
    const stack = testStack();
    const catalog = new NetworkConnectorCatalog(stack, 'Catalog', { catalogName: 'platform' });
    const l1 = testConnector(stack);
    catalog.add('l1', l1, { description: 'Databases' });
    catalog.grantUse(developerIn(stack), 'l1').assertSuccess();
    const arn = { Ref: 'Connector' };
    expect(stack.resolve(catalog.connector('l1').networkConnectorArn)).toEqual(arn);
    Template.fromStack(stack).hasResourceProperties('AWS::SSM::Parameter', { Name: '/network-connectors/platform/l1', Value: arn, Description: 'Databases' });
    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).toContain('lambda:PassNetworkConnector');
  });

  test('an imported connector is published with what is known of it', () => {
    const stack = testStack();
    const catalog = new NetworkConnectorCatalog(stack, 'Catalog', { catalogName: 'platform' });
    catalog.add('old', NetworkConnector.fromNetworkConnectorArn(stack, 'Old', ARN));
    Template.fromStack(stack).hasResourceProperties('AWS::SSM::Parameter', { Value: ARN, Description: Match.absent() });
  });

  test('a grant on a named connector permits using it and reading its parameter, and nothing else', async () => {
    const { stack, catalog } = catalogWith();
    catalog.add('other', NetworkConnector.fromNetworkConnectorArn(stack, 'Other', ARN));
    catalog.grantUse(developerIn(stack), 'other').assertSuccess();
    const policies = ResolvedTemplate.stack(stack).policiesOf('Developer');
    await expectAnswers(policies, true, [
      { action: 'lambda:PassNetworkConnector', resource: ARN },
      { action: 'lambda:GetNetworkConnector', resource: ARN },
      { action: 'ssm:GetParameters', resource: PARAMETER('other') },
      { action: 'ssm:GetParameter', resource: PARAMETER('other') },
    ]);
    await expectAnswers(policies, false, [
      { action: 'lambda:PassNetworkConnector', resource: `${ARN}2` },
      { action: 'ssm:GetParameter', resource: PARAMETER('internal') },
      { action: 'ssm:PutParameter', resource: PARAMETER('other') },
      { action: 'lambda:UpdateNetworkConnector', resource: ARN },
    ]);
  });

  test('a grant on all connectors includes those that are added later', async () => {
    const { stack, catalog } = catalogWith();
    catalog.grantUse(developerIn(stack)).assertSuccess();
    catalog.add('later', NetworkConnector.fromNetworkConnectorArn(stack, 'Later', ARN));
    const policies = ResolvedTemplate.stack(stack).policiesOf('Developer');
    const [connector] = ResolvedTemplate.stack(stack).ids('Custom::NetworkConnector');
    await expectAnswers(policies, true, [
      { action: 'lambda:PassNetworkConnector', resource: ARN },
      { action: 'lambda:PassNetworkConnector', resource: `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-${connector}` },
      { action: 'ssm:GetParameters', resource: PARAMETER('internal') },
      { action: 'ssm:GetParameters', resource: PARAMETER('later') },
    ]);
    await expectAnswers(policies, false, [{ action: 'ssm:GetParameters', resource: PARAMETER('none') }]);
  });

  test('a grant on all connectors fails if the catalog is empty', () => {
    const stack = testStack();
    new NetworkConnectorCatalog(stack, 'Catalog', { catalogName: 'platform' }).grantUse(developerIn(stack));
    expect(() => Template.fromStack(stack))
      .toThrow(/grantUse: the catalog has no connectors to grant; add one .*NetworkConnectorCatalogGrantInvalid/);
  });

  test('an unknown connector can be neither found nor granted', () => {
    const { stack, catalog } = catalogWith();
    expect(() => catalog.connector('public')).toThrow('connectorName: \'public\' is not in the catalog, which has \'internal\'; add it first');
    expect(() => catalog.grantUse(developerIn(stack), 'public')).toThrow('NetworkConnectorCatalogEntryInvalid');
  });

  test('a published connector is found', () => {
    const { catalog, connector } = catalogWith();
    expect(catalog.connector('internal')).toBe(connector);
  });

  test('the same name cannot be added twice', () => {
    const { catalog, connector } = catalogWith();
    expect(() => catalog.add('internal', connector)).toThrow('connectorName: \'internal\' is already in the catalog; use another name');
  });

  test.each(['', 'a b', 'a/b', 'x'.repeat(65)])('fails on the name %p, for a connector and for the catalog', name => {
    const { stack, catalog, connector } = catalogWith();
    expect(() => catalog.add(name, connector)).toThrow('NetworkConnectorCatalogEntryInvalid');
    expect(() => new NetworkConnectorCatalog(stack, 'Other', { catalogName: name })).toThrow('NetworkConnectorCatalogNameInvalid');
  });

  test('fails on a description that is too long', () => {
    expect(() => catalogWith({ description: 'x'.repeat(901) })).toThrow('description:');
  });
});

describe('in a developer\'s app', () => {
  function app() {
    const stack = testStack(undefined, 'App');
    return { stack, catalog: NetworkConnectorCatalog.fromCatalogName(stack, 'Connectors', 'platform') };
  }

  test('each deployment resolves a connector through a parameter of the template, without an export', () => {
    const { stack, catalog } = app();
    new MicrovmImage(stack, 'Image', { code: MicrovmCode.fromInline('FROM x'), buildEgress: MicrovmEgress.connector(catalog.connector('internal')) });
    const template = Template.fromStack(stack);
    const parameter = { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/network-connectors/platform/internal' };
    const [id] = Object.keys(template.findParameters('*', parameter));
    template.hasResourceProperties('Custom::MicrovmImage', { BuildEgressArn: { Ref: id } });
    expect(JSON.stringify(template.toJSON())).not.toMatch(/ImportValue|resolve:ssm/);
  });

  test('a name has one parameter, however often it is used', () => {
    const { stack, catalog } = app();
    expect(catalog.connector('internal')).toBe(catalog.connector('internal'));
    NetworkConnectorCatalog.fromCatalogName(stack, 'Again', 'platform').connector('internal');
    catalog.grantUse(developerIn(stack), 'internal', 'other');
    const parameters = Object.values(Template.fromStack(stack).findParameters('*', { Type: 'AWS::SSM::Parameter::Value<String>' }));
    expect(parameters.map(({ Default }) => Default).filter(name => name.startsWith('/network-connectors')))
      .toEqual(['/network-connectors/platform/internal', '/network-connectors/platform/other']);
  });

  test('named connectors can be granted', () => {
    const { stack, catalog } = app();
    catalog.grantUse(developerIn(stack), 'internal').assertSuccess();
    const text = JSON.stringify(ResolvedTemplate.stack(stack).policiesOf('Developer'));
    expect(text).toContain('lambda:PassNetworkConnector');
    expect(text).toContain(PARAMETER('internal'));
  });

  test('a grant without names fails, because the app does not know the connectors', () => {
    const { stack, catalog } = app();
    expect(() => catalog.grantUse(developerIn(stack)))
      .toThrow(/connectorNames: the list is empty; name each connector, because only the app that defines the catalog knows all of them/);
  });

  test.each(['', 'a b', 'a/b'])('fails on the name %p at synth', name => {
    expect(() => app().catalog.connector(name)).toThrow('NetworkConnectorCatalogEntryInvalid');
    expect(() => NetworkConnectorCatalog.fromCatalogName(testStack(), 'Connectors', name)).toThrow('NetworkConnectorCatalogNameInvalid');
  });

  test('works in a stack without account and Region', () => {
    const stack = new Stack(new App({ analyticsReporting: false }), 'Anywhere');
    NetworkConnectorCatalog.fromCatalogName(stack, 'Connectors', 'platform').connector('internal').grantUse(developerIn(stack));
    expect(() => Template.fromStack(stack)).not.toThrow();
  });
});
