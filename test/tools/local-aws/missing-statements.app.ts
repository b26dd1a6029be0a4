import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import type { MissingStatement } from './missing-statements.cases';
import { COMPLETE, MISSING_STATEMENTS } from './missing-statements.cases';
import {
  Microvm, MicrovmArchitecture, MicrovmCode, MicrovmEgress, MicrovmImage, MicrovmIngress, MicrovmLaunchCheck, MicrovmLauncher, MicrovmMemory,
  NetworkConnector,
} from '../../../src';

const DOCKERFILE = `FROM public.ecr.aws/lambda/microvms:al2023-minimal
CMD ["node", "-e", "require('http').createServer((request, response) => response.end()).listen(process.env.PORT)"]
`;

/** A policy document in a template. */
interface Document {
  readonly Statement: readonly { readonly Action: string | string[]; readonly Resource?: unknown }[];
}

/** A complete stack, and one stack for each missing statement. */
const app = new App();
everyKindOfResource(new Stack(app, COMPLETE), [MicrovmArchitecture.ARM_64, MicrovmArchitecture.X86_64]);
for (const missing of MISSING_STATEMENTS) {
  const stack = new Stack(app, missing.stack);
  everyKindOfResource(stack);
  removeAction(stack, missing);
}

function everyKindOfResource(stack: Stack, architectures?: MicrovmArchitecture[]): void {
  const connector = new NetworkConnector(stack, 'Connector', {
    vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef1', availabilityZones: ['us-east-1a'], isolatedSubnetIds: ['subnet-0123456789abcdef1'],
    }),
    securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef1', { allowAllOutbound: false })],
  });
  const egress = MicrovmEgress.connector(connector);
  const image = new MicrovmImage(stack, 'Image', {
    code: MicrovmCode.fromInline(DOCKERFILE),
    memory: MicrovmMemory.MIB_512,
    buildEgress: egress,
    architectures,
    encryptionKey: new kms.Key(stack, 'ImageKey', { removalPolicy: RemovalPolicy.DESTROY }),
  });
  const launcher = new MicrovmLauncher(stack, 'Launcher', {
    image,
    ingress: MicrovmIngress.http(),
    egress,
    maximumDuration: Duration.hours(1),
    encryptionKey: new kms.Key(stack, 'LaunchKey', { removalPolicy: RemovalPolicy.DESTROY }),
  });
  const check = new MicrovmLaunchCheck(stack, 'Check', { launcher, healthCheck: {} });
  new Microvm(stack, 'Microvm', { launcher, healthCheck: {} }).node.addDependency(check);
}

/** Removes this action from the one statement of the role or its policies that has it. */
function removeAction(stack: Stack, { role, action, on = '' }: MissingStatement): void {
  let taken = 0;
  const without = (written: unknown): Document => {
    const document: Document = stack.resolve(written);
    const statements = document.Statement.map(statement => {
      const actions = [statement.Action].flat();
      if (!actions.includes(action) || !JSON.stringify(statement.Resource ?? '').includes(`"${on}`)) return statement;
      taken++;
      return { ...statement, Action: actions.filter(other => other !== action) };
    });
    return { ...document, Statement: statements.filter(({ Action }) => Action.length > 0) };
  };
  for (const found of stack.node.findAll().filter(({ node }) => node.path.startsWith(`${stack.node.path}/${role}`))) {
    if (iam.CfnRole.isCfnRole(found)) {
      const policies: { readonly policyName: string; readonly policyDocument: Document }[] = stack.resolve(found.policies) ?? [];
      found.policies = policies.map(policy => ({ ...policy, policyDocument: without(policy.policyDocument) }));
      found.assumeRolePolicyDocument = without(found.assumeRolePolicyDocument);
    } else if (iam.CfnPolicy.isCfnPolicy(found)) {
      found.policyDocument = without(found.policyDocument);
    }
  }
  if (taken !== 1) throw new Error(`${taken} statements of ${role} have ${action}`);
}
