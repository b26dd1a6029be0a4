import { App, Stack } from 'aws-cdk-lib';
import { DeploymentEncryption, MicrovmCode, MicrovmImage } from '../../../src';

/** Images with the names in the context, and encrypted deployments if the context says so. */
const app = new App();
const stack = new Stack(app, 'Deployments');
for (const microvmImageName of String(app.node.getContext('images')).split(',')) {
  new MicrovmImage(stack, microvmImageName, {
    microvmImageName, code: MicrovmCode.fromInline('FROM public.ecr.aws/lambda/microvms:al2023-minimal'), tags: { run: app.node.getContext('run') },
  });
}
if (app.node.getContext('encryption') === 'true') DeploymentEncryption.apply(app);
