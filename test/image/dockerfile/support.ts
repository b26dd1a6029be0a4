import { App, Stack } from 'aws-cdk-lib';
import { checkDockerfile } from '../../../src/image/dockerfile/check';
import type { DockerfileUse } from '../../../src/image/dockerfile/check';
import type { CodeContents } from '../../../src/image/dockerfile/contents';
import { allOf } from '../../../src/image/dockerfile/contents';

export interface Checked extends Partial<DockerfileUse> {
  /** The files beside the Dockerfile, or the contents. */
  readonly files?: readonly string[];
  readonly contents?: CodeContents;
}

/** Checks a Dockerfile. Returns its warnings without their codes and addresses. */
export function warningsOf(text: string, { files = [], contents, ...use }: Checked = {}): string[] {
  const stack = new Stack(new App(), 'Test');
  checkDockerfile(stack, { text, contents: contents ?? allOf(['Dockerfile', ...files]) }, { architectures: ['ARM_64'], environment: [], ...use });
  return stack.node.metadata.filter(({ type }) => type === 'aws:cdk:warning').map(({ data }) => data as string);
}

/** Returns the images that a Dockerfile pulls. */
export function pulledBy(text: string): string[] {
  const stack = new Stack(new App(), 'Test');
  return checkDockerfile(stack, { text, contents: { ...allOf([]), files: undefined } }, { architectures: ['ARM_64'], environment: [] }).map(({ image }) => image);
}
