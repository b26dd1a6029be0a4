import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';

/** The parts of every variant: a connector, an image, and the resources that launch it. */
export interface Variant<Pair = any> {
  /** Creates a connector into the VPC, and an image of the directory that is built through it. */
  pair(stack: Stack, vpc: ec2.IVpc, id: string, directory: string): Pair;
  /** Creates the resources for launches of the pair, and a function that may launch. */
  launch(stack: Stack, pair: Pair): void;
}

export interface Contents {
  /** Number of pairs. */
  readonly pairs: number;
  /** Directory of an image, by its index. */
  readonly directoryOf: (index: number) => string;
  /** Whether the first pair is launched. */
  readonly launched?: boolean;
  readonly outdir: string;
}

/** The context that the CDK CLI passes to an app from `cdk init`. */
const CONTEXT = {
  ...JSON.parse(readFileSync(require.resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8')),
  'aws:cdk:enable-path-metadata': true,
  'aws:cdk:enable-asset-metadata': true,
  'aws:cdk:version-reporting': true,
};

/** Synthesizes a stack with a VPC and pairs. @returns the file of its template. */
export function synthesize(variant: Variant, { pairs, directoryOf, launched, outdir }: Contents): string {
  const app = new App({ context: CONTEXT, outdir });
  const stack = new Stack(app, 'Bench', { env: { account: '123456789012', region: 'eu-west-1' } });
  const vpc = new ec2.Vpc(stack, 'Vpc', { availabilityZones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'], restrictDefaultSecurityGroup: false });
  for (let index = 0; index < pairs; index++) {
    const pair = variant.pair(stack, vpc, `Sandbox${index}`, directoryOf(index));
    if (launched && index === 0) variant.launch(stack, pair);
  }
  return app.synth().getStackByName(stack.stackName).templateFullPath;
}

/** Creates directories in which each image has different code. */
export function directoriesIn(parent: string, count: number): Contents['directoryOf'] {
  const directoryOf = (index: number) => path.join(parent, `sandbox${index}`);
  for (let index = 0; index < count; index++) {
    mkdirSync(directoryOf(index), { recursive: true });
    writeFileSync(path.join(directoryOf(index), 'Dockerfile'), `FROM public.ecr.aws/lambda/microvms:al2023-minimal\nENV NUMBER=${index}\n`);
  }
  return directoryOf;
}
