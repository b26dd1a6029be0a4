import { App, Stack } from 'aws-cdk-lib';
import { MicrovmCode, MicrovmImage, MicrovmMemory } from '../../../src';

/** An image for each name in the context, with the construct ID before it: `One=first,Two=second`. */
const app = new App();
const stack = new Stack(app, 'TwoImages');
for (const pair of String(app.node.getContext('images')).split(',')) {
  const [id, microvmImageName] = pair.split('=');
  new MicrovmImage(stack, id, {
    microvmImageName,
    code: MicrovmCode.fromInline('FROM public.ecr.aws/lambda/microvms:al2023-minimal\nCMD ["node", "-e", "setInterval(() => {}, 1000)"]\n'),
    memory: MicrovmMemory.MIB_512,
  });
}
