import { App, CfnOutput, Stack, Tags } from 'aws-cdk-lib';
import { DEMO_STACK } from './names';
import { MicrovmCode, MicrovmHooks, MicrovmImage, MicrovmMemory } from '../../src';

/** The app of the demo: an image from the directory in the context. */
const app = new App();
const stack = new Stack(app, DEMO_STACK);
Tags.of(stack).add('team', 'demo');

const image = new MicrovmImage(stack, 'Sandbox', {
  code: MicrovmCode.fromDirectory(app.node.getContext('directory')),
  memory: MicrovmMemory.MIB_512,
  hooks: MicrovmHooks.withReady({ port: 8080, run: {} }),
  environment: { GREETING: 'hello from the demo' },
});
new CfnOutput(stack, 'ImageArn', { value: image.microvmImageArn });
new CfnOutput(stack, 'ImageVersion', { value: image.microvmImageVersion });
