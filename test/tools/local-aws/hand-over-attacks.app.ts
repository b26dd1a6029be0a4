import { App, CfnOutput, NestedStack, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import {
  AllowedNetworkConnectors, MicrovmCode, MicrovmEgress, MicrovmImage, NetworkConnector, NetworkConnectorCatalog, NetworkConnectorGuardrail,
  NetworkTeamSynthesizer,
} from '../../../src';

/** The apps of a network team with its own bootstrap, and of a developer. The context selects one. */
const PATH = '/network-team/';
const app = new App();

function team(): void {
  // A property of the connectors, so that a change updates them.
  const hosts = Number(app.node.tryGetContext('groups') ?? 1);
  NetworkConnectorGuardrail.applyNetworkTeamPath(app, PATH);
  const stackOf = (name: string) => new Stack(app, name, { synthesizer: new NetworkTeamSynthesizer({ networkTeamPath: PATH, qualifier: 'netteam' }) });

  const network = stackOf('Network');
  const vpc = new ec2.Vpc(network, 'Vpc', {
    maxAzs: 1,
    natGateways: 0,
    restrictDefaultSecurityGroup: false,
    subnetConfiguration: [{ name: 'Public', subnetType: ec2.SubnetType.PUBLIC }, { name: 'Inside', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
  });
  const groups = Array.from({ length: hosts }, (_, index) => new ec2.SecurityGroup(network, `Group${index}`, { vpc, allowAllOutbound: false }));
  const connector = (scope: Construct, name: string, securityGroups: ec2.ISecurityGroup[]) =>
    new NetworkConnector(scope, 'Connector', { vpc, securityGroups, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED }, networkConnectorName: name });
  const published = connector(network, 'published', groups);
  // The emulator cannot delete resources of this library in a nested stack.
  new lambda.Function(new NestedStack(network, 'Nested'), 'Function', {
    code: lambda.Code.fromInline('exports.handler = () => undefined;'), runtime: lambda.Runtime.NODEJS_24_X, handler: 'index.handler',
  });
  const long = stackOf('platform-network-connectors-production');
  connector(long, 'long', [groups[0]]);
  new NetworkConnectorCatalog(network, 'Catalog', { catalogName: 'platform' }).add('published', published);
  const guardrail = new NetworkConnectorGuardrail(network, 'Guardrail', {
    allowed: AllowedNetworkConnectors.only(published), networkTeamPath: PATH, boundaryName: 'DeveloperBoundary',
  });
  const output = (id: string, value: string) => new CfnOutput(network, id, { value });
  output('ServiceControlPolicy', network.toJsonString(guardrail.scpDocument));
  output('DenyPolicy', guardrail.denyPolicy.managedPolicyArn);
  output('Boundary', guardrail.boundary.managedPolicyArn);
}

function developer(): void {
  const stack = new Stack(app, 'Network-dev');
  const connectors = NetworkConnectorCatalog.fromCatalogName(stack, 'Connectors', 'platform');
  new MicrovmImage(stack, 'Image', {
    code: MicrovmCode.fromInline('FROM public.ecr.aws/lambda/microvms:al2023-minimal'),
    buildEgress: MicrovmEgress.connector(connectors.connector('published')),
  });
}

if (app.node.getContext('part') === 'team') team();
else developer();
