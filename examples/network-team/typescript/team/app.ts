import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import {
  AllowedNetworkConnectors, NetworkConnector, NetworkConnectorCatalog, NetworkConnectorGuardrail, NetworkTeamSynthesizer,
} from 'cdk-lambda-microvms';

const TEAM_PATH = '/network-team/';

// Who deploys this app: users of this permission set of IAM Identity Center. Roles under the path always may.
const TEAM_PERMISSION_SETS = ['NetworkTeam'];

const app = new App();
// The team deploys with a bootstrap of its own, which developers cannot use.
const synthesizer = new NetworkTeamSynthesizer({ networkTeamPath: TEAM_PATH, qualifier: 'netteam', permissionSets: TEAM_PERMISSION_SETS });
const stack = new Stack(app, 'Network', { synthesizer });
// The guardrail exempts the team by the path of its roles.
NetworkConnectorGuardrail.applyNetworkTeamPath(app, TEAM_PATH);

const vpc = new ec2.Vpc(stack, 'Vpc', {
  maxAzs: 2,
  natGateways: 1,
  subnetConfiguration: [
    { name: 'Public', subnetType: ec2.SubnetType.PUBLIC },
    { name: 'Builds', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS },
    { name: 'Internal', subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
  ],
});

// Builds of images fetch packages through the NAT gateway.
const builds = new NetworkConnector(stack, 'BuildsConnector', { vpc, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS } });
builds.connections.allowToAnyIpv4(ec2.Port.tcp(443));
builds.connections.allowToAnyIpv4(ec2.Port.tcp(80), 'package managers');

// MicroVMs reach the VPC, and nothing else.
const internal = new NetworkConnector(stack, 'InternalConnector', { vpc, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } });
internal.connections.allowTo(ec2.Peer.ipv4(vpc.vpcCidrBlock), ec2.Port.tcp(443), 'services in the VPC');

const catalog = new NetworkConnectorCatalog(stack, 'Catalog', { catalogName: 'platform' });
catalog.add('builds', builds, { description: 'Builds of images, through a NAT gateway' });
catalog.add('internal', internal, { description: 'HTTPS services in the VPC, no internet' });

// Developers can use these two connectors. They can use no others, and create or change none.
new NetworkConnectorGuardrail(stack, 'Guardrail', {
  allowed: AllowedNetworkConnectors.only(builds, internal),
  networkTeamPath: TEAM_PATH,
  boundaryName: 'developer-boundary',
});

// A role that people or backends of the developers use, if the context names one.
const developersRole = app.node.tryGetContext('developersRole');
if (developersRole) catalog.grantUse(iam.Role.fromRoleName(stack, 'Developers', developersRole));
