/**
 * A connector in a VPC with an internet gateway, or without one. Context: `elasticIps` and `gateway`, each yes or no.
 */
import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { NetworkConnector, NetworkConnectorElasticIps } from '../../../src';

const app = new App();
const isOn = (key: string) => app.node.tryGetContext(key) === 'yes';
const stack = new Stack(app, 'ElasticIps');
const vpc = new ec2.Vpc(stack, 'Vpc', {
  maxAzs: 1,
  natGateways: 0,
  restrictDefaultSecurityGroup: false,
  subnetConfiguration: [{ name: 'Main', subnetType: isOn('gateway') ? ec2.SubnetType.PUBLIC : ec2.SubnetType.PRIVATE_ISOLATED }],
});
const connector = new NetworkConnector(stack, 'Outbound', {
  vpc,
  vpcSubnets: { subnetGroupName: 'Main' },
  networkConnectorName: 'outbound',
  elasticIps: isOn('elasticIps') ? NetworkConnectorElasticIps.SERVICE_MANAGED : NetworkConnectorElasticIps.NONE,
});
connector.connections.allowTo(ec2.Peer.anyIpv4(), ec2.Port.HTTPS);
app.synth();
