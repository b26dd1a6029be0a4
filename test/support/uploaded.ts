import * as fs from 'fs';
import * as path from 'path';
import { testApp, testImage, testStack } from './stacks';
import type { MicrovmCode } from '../../src';

/** Returns the directory that a deployment uploads for the code of an image. */
export function uploadedDirectory(code: MicrovmCode, app = testApp()): string {
  testImage({ code }, testStack(app));
  const { directory, stacks: [stack] } = app.synth();
  const { files } = JSON.parse(fs.readFileSync(path.join(directory, `${stack.stackName}.assets.json`), 'utf8'));
  const directories = Object.values<any>(files)
    .filter(({ source }) => source.packaging === 'zip')
    .map(({ source }) => path.resolve(directory, source.path))
    .filter(place => fs.existsSync(path.join(place, 'Dockerfile')));
  expect(directories).toHaveLength(1);
  return directories[0];
}

/** Returns the paths of the files that a deployment uploads for the code of an image. */
export function uploaded(code: MicrovmCode, app = testApp()): string[] {
  const directory = uploadedDirectory(code, app);
  return (fs.readdirSync(directory, { recursive: true }) as string[]).filter(name => fs.lstatSync(path.join(directory, name)).isFile()).sort();
}
