import * as path from 'node:path';
import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpUserPoolAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import * as logs from 'aws-cdk-lib/aws-logs';
import { MicrovmCode, MicrovmEgress, MicrovmImage, MicrovmIngress, MicrovmLauncher } from 'cdk-lambda-microvms';

const OWNERS_PATH = '/broker-example/owners';

const app = new App();
const stack = new Stack(app, 'Broker');

const image = new MicrovmImage(stack, 'Sandbox', {
  code: MicrovmCode.fromInline([
    'FROM public.ecr.aws/lambda/microvms:al2023-minimal',
    'RUN dnf install -y python3 && dnf clean all',
    'WORKDIR /srv',
    'EXPOSE 8080',
    'CMD ["python3", "-m", "http.server", "8080"]',
  ].join('\n')),
});
const launcher = new MicrovmLauncher(stack, 'Launcher', {
  image,
  ingress: MicrovmIngress.http(),
  egress: MicrovmEgress.internet(),
  idlePolicy: { maxIdleDuration: Duration.minutes(5), suspendedDuration: Duration.minutes(10), autoResume: true },
  maximumDuration: Duration.minutes(30),
});

// This function launches, and stores the owner of each MicroVM.
const launch = functionOf('Launch', 'launch');
launcher.grantLaunch(launch);
launcher.grantManage(launch);
launcher.addToFunction(launch);
launch.addToRolePolicy(onOwners('ssm:PutParameter'));

// This function alone creates tokens, each for the owner of the MicroVM only.
const broker = functionOf('Broker', 'broker');
launcher.grantConnect(broker);
broker.addToRolePolicy(onOwners('ssm:GetParameter'));

// Tenants sign in with Amazon Cognito. A user pool stands here for your identity provider.
const tenants = new cognito.UserPool(stack, 'Tenants', { removalPolicy: RemovalPolicy.DESTROY });
const client = tenants.addClient('Client', { authFlows: { adminUserPassword: true } });

const api = new apigateway.HttpApi(stack, 'Api', {
  defaultAuthorizer: new HttpUserPoolAuthorizer('Authorizer', tenants, { userPoolClients: [client] }),
});
api.addRoutes({
  path: '/microvms', methods: [apigateway.HttpMethod.POST], integration: new HttpLambdaIntegration('LaunchIntegration', launch),
});
api.addRoutes({
  path: '/microvms/{microvmId}/token', methods: [apigateway.HttpMethod.POST], integration: new HttpLambdaIntegration('BrokerIntegration', broker),
});

new CfnOutput(stack, 'ApiUrl', { value: api.apiEndpoint });
new CfnOutput(stack, 'UserPoolId', { value: tenants.userPoolId });
new CfnOutput(stack, 'ClientId', { value: client.userPoolClientId });

function functionOf(id: string, directory: string): NodejsFunction {
  return new NodejsFunction(stack, id, {
    entry: path.join(__dirname, directory, 'handler.ts'),
    runtime: lambda.Runtime.NODEJS_24_X,
    timeout: Duration.seconds(15),
    environment: { OWNERS_PATH },
    // The SDK of the Lambda runtime does not include the client of this service, so the bundle includes it.
    bundling: { externalModules: [] },
    logGroup: new logs.LogGroup(stack, `${id}Logs`, { retention: logs.RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY }),
  });
}

function onOwners(action: string): iam.PolicyStatement {
  const parameters = stack.formatArn({ service: 'ssm', resource: 'parameter', resourceName: `${OWNERS_PATH.slice(1)}/*` });
  return new iam.PolicyStatement({ actions: [action], resources: [parameters] });
}
