import { Stack } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import type { ConnectorNetwork } from './connector-network';
import { isEgressRule, isEndpoint, isOfType, isSameId, networkOf, ownerOf } from './connector-network';
import { warnLate } from '../private/warnings';

/** The rule with which aws-cdk-lib replaces the default rule, so that a security group permits nothing. */
const NO_TRAFFIC = '255.255.255.255/32';

/** Warns at the end of synth if builds through a connector can fetch neither base images nor packages. */
export function warnOfClosedBuildEgress(image: IConstruct, connector: lambda.INetworkConnectorRef): void {
  image.node.addValidation({
    validate: () => {
      const network = networkOf(connector);
      if (allowsNothing(image, network)) {
        warnLate('cdk-lambda-microvms:buildEgressAllowsNothing',
          `buildEgress: the security groups of ${connector.node.path} permit no egress, so builds can fetch neither base images nor packages; `
          + 'add rules, for example connector.connections.allowToAnyIpv4(ec2.Port.tcp(443))', image);
      }
      if (isIsolated(image, network)) {
        warnLate('cdk-lambda-microvms:buildEgressIsolated',
          `buildEgress: ${connector.node.path} has only isolated subnets, and the app creates neither routes nor endpoints for them, `
          + 'so builds reach nothing outside the VPC; select subnets with egress, or use MicrovmEgress.internet() for builds', image);
      }
      return [];
    },
  });
}

/** Whether all security groups belong to the app, and neither they nor the rules beside them permit anything. */
function allowsNothing(image: IConstruct, { securityGroupIds }: ConnectorNetwork): boolean {
  const groups = securityGroupIds.map(ownerOf);
  if (groups.length === 0 || groups.some(group => !isGroup(group))) return false;
  const separate = image.node.root.node.findAll().filter(construct => isEgressRule(construct, securityGroupIds)) as ec2.CfnSecurityGroupEgress[];
  return (groups as ec2.CfnSecurityGroup[]).every(group => {
    const inline: { cidrIp?: string }[] = Stack.of(group).resolve(group.securityGroupEgress) ?? [];
    const rules = [...inline, ...separate.filter(rule => ownerOf(rule.groupId) === group)];
    // Without any rule, EC2 creates one that permits everything.
    return rules.length > 0 && rules.every(({ cidrIp }) => cidrIp === NO_TRAFFIC);
  });
}

function isGroup(construct: IConstruct | undefined): construct is ec2.CfnSecurityGroup {
  return isOfType<ec2.CfnSecurityGroup>(construct, 'AWS::EC2::SecurityGroup');
}

/** Whether all subnets are isolated, and the app adds no route and no endpoint. */
function isIsolated(image: IConstruct, { vpcId, isolatedSubnets }: ConnectorNetwork): boolean {
  if (isolatedSubnets.length === 0) return false;
  const tables = isolatedSubnets.map(subnet => subnet.routeTable?.routeTableId);
  return !image.node.root.node.findAll().some(construct => isEndpoint(construct, vpcId) || isRoute(construct, tables));
}

function isRoute(construct: IConstruct, tables: (string | undefined)[]): boolean {
  return isOfType<ec2.CfnRoute>(construct, 'AWS::EC2::Route') && tables.some(table => isSameId(table, construct.routeTableId));
}
