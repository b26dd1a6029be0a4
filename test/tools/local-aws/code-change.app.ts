import { App, Stack } from 'aws-cdk-lib';
import { MicrovmCode, MicrovmImage, MicrovmMemory } from '../../../src';

/** An image from the directory in the context. */
const app = new App();
const stack = new Stack(app, 'CodeChange');
new MicrovmImage(stack, 'Image', { code: MicrovmCode.fromDirectory(String(app.node.getContext('directory'))), memory: MicrovmMemory.MIB_512 });
