import { Token } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { MicrovmImage } from '../image/microvm-image';
import { ValidationError } from '../private/errors';

/** What a run hook takes, in characters: service facts 1.2. */
export const LONGEST_PAYLOAD = 4_096;

/** What a deployment launches with is written down with the launch, in a record that has room for this many characters of JSON. */
export const LONGEST_RECORDED_PAYLOAD = 2_048;

/** Tokens pass. */
export function checkPayload(scope: IConstruct, image: lambda.IMicrovmImageRef, payload: string | undefined, longest: number): void {
  if (payload === undefined) return;
  if (MicrovmImage.isMicrovmImage(image) && !image._hasRunHook) {
    throw new ValidationError('MicrovmPayloadWithoutRunHook',
      `payload: image '${image.node.path}' has no run hook to take it; give the image MicrovmHooks.withReady({ port, run: {} })`, scope);
  }
  const length = Token.isUnresolved(payload) ? 0 : JSON.stringify(payload).length - 2;
  if (length > longest) {
    throw new ValidationError('MicrovmPayloadTooLong',
      `payload: ${length} characters of JSON are too many, use at most ${longest}; put it into S3 or a parameter, and pass its name`, scope);
  }
}
