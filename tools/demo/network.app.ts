import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { CATALOG, CONNECTOR, NETWORK_STACK, TEAM } from './names';
import {
  AllowedNetworkConnectors, NetworkConnector, NetworkConnectorCatalog, NetworkConnectorGuardrail, NetworkTeamSynthesizer,
} from '../../src';

/**
 * The app of the network team: a connector into the zones in the context, a catalog, and a guardrail for developers.
 */
const app = new App();
const stack = new Stack(app, NETWORK_STACK, { synthesizer: new NetworkTeamSynthesizer(TEAM) });
NetworkConnectorGuardrail.applyNetworkTeamPath(app, TEAM.networkTeamPath);

const vpc = new ec2.Vpc(stack, 'Vpc', {
  maxAzs: Number(app.node.getContext('zones')),
  natGateways: 0,
  restrictDefaultSecurityGroup: false,
  subnetConfiguration: [{ name: 'MicroVMs', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
});
const internal = new NetworkConnector(stack, 'Internal', { vpc });
internal.connections.allowTo(ec2.Peer.ipv4(vpc.vpcCidrBlock), ec2.Port.HTTPS, 'HTTPS within the VPC');

const catalog = new NetworkConnectorCatalog(stack, 'Catalog', { catalogName: CATALOG });
catalog.add(CONNECTOR, internal, { description: 'The VPC without internet access' });
new NetworkConnectorGuardrail(stack, 'Guardrail', {
  allowed: AllowedNetworkConnectors.only(internal), networkTeamPath: TEAM.networkTeamPath, boundaryName: `${NETWORK_STACK}DeveloperBoundary`,
});
