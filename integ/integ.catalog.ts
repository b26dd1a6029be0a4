/**
 * A network team's stack with connector, catalog and guardrail, and a developer's stack that uses the connector.
 *
 * In an account, the two stacks belong to two apps. Here the developer's stack depends on the network team's, so that
 * one test covers both. The network team's stack is deployed with a bootstrap of its own.
 */
import * as path from 'path';
import { ExpectedResult, IntegTest, Match } from '@aws-cdk/integ-tests-alpha';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import {
  AllowedNetworkConnectors, ManagedNetworkConnector, MicrovmCode, MicrovmEgress, MicrovmImage, NetworkConnector, NetworkConnectorCatalog,
  NetworkConnectorGuardrail, NetworkTeamSynthesizer,
} from '../src';

const TEAM_PATH = '/network-team/';
const EXAMPLES = path.join(__dirname, '..', 'examples');

const app = new App();

const synthesizer = new NetworkTeamSynthesizer({ networkTeamPath: TEAM_PATH, qualifier: 'integteam' });
const network = new Stack(app, 'IntegCatalogNetwork', { synthesizer });
NetworkConnectorGuardrail.applyNetworkTeamPath(network, TEAM_PATH);
const vpc = new ec2.Vpc(network, 'Vpc', { maxAzs: 2, natGateways: 1, restrictDefaultSecurityGroup: false });
const builds = new NetworkConnector(network, 'Builds', { vpc });
builds.connections.allowToAnyIpv4(ec2.Port.tcp(443));
builds.connections.allowToAnyIpv4(ec2.Port.tcp(80), 'package managers');

const catalog = new NetworkConnectorCatalog(network, 'Catalog', { catalogName: 'integ' });
catalog.add('builds', builds, { description: 'Builds of images, through a NAT gateway' });

const guardrail = new NetworkConnectorGuardrail(network, 'Guardrail', {
  allowed: AllowedNetworkConnectors.only(builds),
  networkTeamPath: TEAM_PATH,
  boundaryName: 'integ-catalog-developer-boundary',
  managedConnectors: [ManagedNetworkConnector.HTTP_INGRESS, ManagedNetworkConnector.NO_INGRESS],
});
const developer = new iam.Role(network, 'Developer', { assumedBy: new iam.AccountRootPrincipal(), permissionsBoundary: guardrail.boundary });
catalog.grantUse(developer);

const developers = new Stack(app, 'IntegCatalogDevelopers');
developers.addStackDependency(network);
const published = NetworkConnectorCatalog.fromCatalogName(developers, 'Connectors', 'integ');
const image = new MicrovmImage(developers, 'Sandbox', {
  code: MicrovmCode.fromDirectory(path.join(EXAMPLES, 'quickstart', 'typescript', 'sandbox')),
  buildEgress: MicrovmEgress.connector(published.connector('builds')),
});
new CfnOutput(developers, 'ImageVersion', { value: image.microvmImageVersion });

const integ = new IntegTest(app, 'IntegCatalogTest', { testCases: [developers] });

integ.assertions.awsApiCall('SSM', 'getParameter', { Name: '/network-connectors/integ/builds' }).expect(ExpectedResult.objectLike({
  Parameter: { Value: Match.stringLikeRegexp('^arn:[^:]+:lambda:[^:]+:[0-9]{12}:network-connector:nc-.+$') },
}));

integ.assertions.awsApiCall('CloudFormation', 'describeStacks', { StackName: developers.stackName }).expect(ExpectedResult.objectLike({
  Stacks: [{ Outputs: Match.arrayWith([Match.objectLike({ OutputKey: 'ImageVersion', OutputValue: Match.stringLikeRegexp('^[0-9]+\\.[0-9]+$') })]) }],
}));
