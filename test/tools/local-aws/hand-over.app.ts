import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import {
  AllowedNetworkConnectors, MicrovmCode, MicrovmEgress, MicrovmImage, NetworkConnector, NetworkConnectorCatalog, NetworkConnectorGuardrail,
  NetworkTeamSynthesizer,
} from '../../../src';

/** The apps of a network team and its developers. The context selects one. */
const app = new App();
const part: string = app.node.getContext('part');
// The permissions boundary that the cdk.json of a developer sets.
const isTeam = part === 'Network';
if (!isTeam) app.node.setContext('@aws-cdk/core:permissionsBoundary', { name: 'DeveloperBoundary' });
const synthesizer = isTeam ? new NetworkTeamSynthesizer({ networkTeamPath: '/network-team/', qualifier: 'netteam' }) : undefined;
const stack = new Stack(app, part, { synthesizer });

function image(egress: MicrovmEgress): void {
  new MicrovmImage(stack, 'Image', { code: MicrovmCode.fromInline('FROM public.ecr.aws/lambda/microvms:al2023-minimal'), buildEgress: egress });
}

const vpcOf = (scope: Stack) => ec2.Vpc.fromVpcAttributes(scope, 'Vpc', {
  vpcId: 'vpc-0123456789abcdef1', availabilityZones: ['us-east-1a'], isolatedSubnetIds: ['subnet-0123456789abcdef1'],
});
const groupOf = (scope: Stack) => ec2.SecurityGroup.fromSecurityGroupId(scope, 'Group', 'sg-0123456789abcdef1', { allowAllOutbound: false });

switch (part) {
  case 'Network': {
    NetworkConnectorGuardrail.applyNetworkTeamPath(app, '/network-team/');
    const [vpc, securityGroups] = [vpcOf(stack), [groupOf(stack)]];
    const published = new NetworkConnector(stack, 'Published', { vpc, securityGroups, networkConnectorName: 'published' });
    new NetworkConnector(stack, 'Secret', { vpc, securityGroups, networkConnectorName: 'secret' });
    new NetworkConnectorCatalog(stack, 'Catalog', { catalogName: 'platform' }).add('published', published);
    new NetworkConnectorGuardrail(stack, 'Guardrail', {
      allowed: AllowedNetworkConnectors.only(published), networkTeamPath: '/network-team/', boundaryName: 'DeveloperBoundary',
    });
    break;
  }
  case 'Allowed':
    image(MicrovmEgress.connector(NetworkConnectorCatalog.fromCatalogName(stack, 'Connectors', 'platform').connector('published')));
    break;
  case 'Denied':
    image(MicrovmEgress.connector(NetworkConnector.fromNetworkConnectorName(stack, 'Secret', 'secret')));
    break;
  case 'Unknown':
    image(MicrovmEgress.connector(NetworkConnectorCatalog.fromCatalogName(stack, 'Connectors', 'platform').connector('nothing')));
    break;
  case 'Maker':
    new NetworkConnector(stack, 'Mine', { vpc: vpcOf(stack), securityGroups: [groupOf(stack)] });
    break;
}
