/**
 * Synthesizes the app that tests the local AWS, in several variants: `tsx app.ts <output> <handler> <recorder url>`.
 *
 * It is the smallest app with the structure of this library: one provider per stack, and a role for each custom
 * resource.
 */
import { createHash } from 'crypto';
import * as path from 'path';
import { App, ArnFormat, CustomResource, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Provider } from 'aws-cdk-lib/custom-resources';
import { Construct } from 'constructs';

interface Variant {
  /** Names of the images. */
  readonly one: string;
  readonly two?: string;
  /** The operation of the second image fails after the image was created. */
  readonly twoFails?: boolean;
}

const VARIANTS: Record<string, Variant> = {
  failing: { one: 'one', two: 'two', twoFails: true },
  both: { one: 'one', two: 'two' },
  failingRename: { one: 'uno', two: 'dos', twoFails: true },
  renamed: { one: 'uno' },
};

interface BackendProps {
  readonly handler: string;
  readonly recorderUrl: string;
}

/** Handler and provider of all images of the stack. */
class Backend extends Construct {
  readonly role: iam.Role;
  readonly serviceToken: string;

  constructor(scope: Construct, id: string, props: BackendProps) {
    super(scope, id);
    const logGroup = new logs.LogGroup(this, 'Logs', { removalPolicy: RemovalPolicy.DESTROY });
    this.role = new iam.Role(this, 'HandlerRole', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    const policy = new iam.Policy(this, 'HandlerPolicy', {
      roles: [this.role],
      statements: [
        allow(['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn),
        allow(['cloudformation:DescribeStackResource', 'cloudformation:DescribeStacks'], Stack.of(this).stackId),
      ],
    });
    const handler = new lambda.Function(this, 'Handler', {
      runtime: lambda.Runtime.NODEJS_22_X,
      handler: 'index.handler',
      code: lambda.Code.fromAsset(props.handler),
      timeout: Duration.minutes(1),
      role: this.role.withoutPolicyUpdates(),
      logGroup,
      environment: { RECORDER_URL: props.recorderUrl },
    });
    handler.node.addDependency(policy);
    const provider = new Provider(this, 'Provider', {
      onEventHandler: handler,
      isCompleteHandler: handler,
      totalTimeout: Duration.minutes(5),
      queryInterval: Duration.seconds(2),
    });
    this.serviceToken = provider.serviceToken;
  }
}

interface ImageProps {
  readonly backend: Backend;
  readonly name: string;
  readonly fails?: boolean;
  readonly connectorArn: string;
  /** Another image, which the role of this image must not be able to change. */
  readonly other?: Image;
}

class Image extends Construct {
  readonly arn: string;
  readonly buildRole: iam.Role;
  readonly resource: CustomResource;

  constructor(scope: Construct, id: string, props: ImageProps) {
    super(scope, id);
    const stack = Stack.of(this);
    this.arn = stack.formatArn({ service: 'lambda', resource: 'microvm-image', resourceName: props.name, arnFormat: ArnFormat.COLON_RESOURCE_NAME });
    this.buildRole = new iam.Role(this, 'BuildRole', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    // A new name gets a new role first. The old role is deleted after the old image.
    const role = new iam.Role(this, `Role${createHash('sha256').update(props.name).digest('hex').slice(0, 8)}`, {
      assumedBy: new iam.ArnPrincipal(props.backend.role.roleArn),
      inlinePolicies: {
        own: new iam.PolicyDocument({
          statements: [
            allow(['lambda:CreateMicrovmImage'], '*'),
            allow(['lambda:GetMicrovmImage', 'lambda:DeleteMicrovmImage'], this.arn),
            allow(['lambda:PassNetworkConnector'], props.connectorArn),
            allow(['iam:PassRole'], this.buildRole.roleArn),
          ],
        }),
      },
    });
    this.resource = new CustomResource(this, 'Resource', {
      serviceToken: props.backend.serviceToken,
      resourceType: 'Custom::TestImage',
      properties: {
        Name: props.name,
        Arn: this.arn,
        RoleArn: role.roleArn,
        BuildRoleArn: this.buildRole.roleArn,
        ConnectorArn: props.connectorArn,
        Fails: props.fails ? 'true' : 'false',
        OtherArn: props.other?.arn,
        OtherBuildRoleArn: props.other?.buildRole.roleArn,
      },
    });
    if (props.other) this.resource.node.addDependency(props.other.resource);
  }
}

function allow(actions: string[], resource: string): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources: [resource] });
}

function synthesize(outdir: string, variant: Variant, backendProps: BackendProps): void {
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, 'TestApp', { env: { account: '000000000000', region: 'us-east-1' } });
  const backend = new Backend(stack, 'Backend', backendProps);
  const connectorArn = `arn:${stack.partition}:lambda:${stack.region}:aws:network-connector:aws-network-connector:INTERNET_EGRESS`;
  const one = new Image(stack, 'One', { backend, connectorArn, name: variant.one });
  if (variant.two) new Image(stack, 'Two', { backend, connectorArn, name: variant.two, fails: variant.twoFails, other: one });
  app.synth();
}

const [output, handler, recorderUrl] = process.argv.slice(2);
for (const [name, variant] of Object.entries(VARIANTS)) synthesize(path.join(output, name), variant, { handler, recorderUrl });
