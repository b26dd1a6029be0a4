import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Microvm, MicrovmCode, MicrovmEgress, MicrovmImage, MicrovmIngress, MicrovmLauncher } from 'cdk-lambda-microvms';

const app = new App();
const stack = new Stack(app, 'Shell');

const image = new MicrovmImage(stack, 'Sandbox', {
  code: MicrovmCode.fromInline('FROM public.ecr.aws/lambda/microvms:al2023-minimal\nCMD ["sleep", "infinity"]'),
});
const launcher = new MicrovmLauncher(stack, 'Launcher', {
  image,
  // A launch without shell ingress can never open a shell later.
  ingress: MicrovmIngress.httpWithShell(),
  egress: MicrovmEgress.internet(),
  maximumDuration: Duration.hours(1),
});

// The engineers who may open a shell. A shell has the credentials of the execution role, so grant it on its own.
const engineers = new iam.Role(stack, 'Engineers', { assumedBy: new iam.AccountRootPrincipal() });
launcher.grantShell(engineers);
engineers.addToPolicy(new iam.PolicyStatement({ actions: ['lambda:GetMicrovm'], resources: [image.microvmImageArn] }));

// The deployment launches one MicroVM to try it with. It is terminated after an hour, or with the stack.
const microvm = new Microvm(stack, 'Microvm', { launcher });

new CfnOutput(stack, 'MicrovmId', { value: microvm.microvmId });
new CfnOutput(stack, 'EngineersRole', { value: engineers.roleArn });
