import { App, Stack } from 'aws-cdk-lib';
import * as ecr from 'aws-cdk-lib/aws-ecr';
import { MicrovmCode, MicrovmImage, MicrovmMemory } from '../../../src';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../../../tools/local-aws/environment';

/** An image of the tag in the context, from a private repository that exists. */
const app = new App();
const stack = new Stack(app, 'EcrImage', { env: { account: LOCAL_ACCOUNT, region: LOCAL_REGION } });
new MicrovmImage(stack, 'Image', {
  microvmImageName: 'from-ecr',
  code: MicrovmCode.fromEcrImage(ecr.Repository.fromRepositoryName(stack, 'Base', 'team/base'), app.node.getContext('tag')),
  memory: MicrovmMemory.MIB_512,
});
