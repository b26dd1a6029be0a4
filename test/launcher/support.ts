import type { Stack } from 'aws-cdk-lib';
import type { MicrovmLauncherProps } from '../../src';
import { MicrovmEgress, MicrovmHooks, MicrovmIngress, MicrovmLauncher } from '../../src';
import { ACCOUNT, REGION, testImage, testStack } from '../support/stacks';

export const IMAGE = `arn:aws:lambda:${REGION}:${ACCOUNT}:microvm-image:sandbox`;
export const OTHER_IMAGE = `arn:aws:lambda:${REGION}:${ACCOUNT}:microvm-image:sandbox2`;
export const OTHER_CONNECTOR = `arn:aws:lambda:${REGION}:${ACCOUNT}:network-connector:nc-other`;

export function managed(name: string): string {
  return `arn:aws:lambda:${REGION}:aws:network-connector:aws-network-connector:${name}`;
}

/** A launcher with nothing but what it needs, of an image named `sandbox`. */
export function testLauncher(props: Partial<MicrovmLauncherProps> = {}, stack: Stack = testStack()) {
  const image = props.image ?? testImage({ microvmImageName: 'sandbox', hooks: MicrovmHooks.withReady({ port: 8080, run: {} }) }, stack);
  const launcher = new MicrovmLauncher(stack, 'Launcher', { image, ingress: MicrovmIngress.http(), egress: MicrovmEgress.internet(), ...props });
  return { stack, image, launcher };
}
