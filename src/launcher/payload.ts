import { Stack, Token } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { leastLength } from './least-length';
import { LONGEST_RECORD } from '../contract/microvm';
import { MicrovmImage } from '../image/microvm-image';
import { ValidationError } from '../private/errors';
import { jsonProblem } from '../private/json-problem';
import { rejectSecretReferences } from '../private/secret-references';

/** The payload of a run hook. An object becomes JSON. */
export type Payload = string | { readonly [key: string]: any };

/** The two properties for a payload. */
export interface PayloadProps {
  readonly payload?: string;
  readonly payloadObject?: { readonly [key: string]: any };
}

/** The service accepts 4,096 bytes in the payload of a run hook (service-facts.md, 1.2, 8.12). */
export const LONGEST_PAYLOAD = 4_096;

/**
 * The limit for launches by a deployment, in characters of JSON. The record of the launch in an SSM parameter contains
 * the payload and has no room for more.
 */
export const LONGEST_RECORDED_PAYLOAD = 2_048;

/** The shortest JSON of a record without its request: fingerprint, role and two times. */
const REST_OF_RECORD = 150;

/** Returns an error if the record of a launch is certainly too long. The length of unresolved tokens is not known. */
export function recordErrors(scope: IConstruct, launchRequest: string, payload = ''): string[] {
  const length = REST_OF_RECORD + leastLength(Stack.of(scope).resolve(launchRequest)) + leastLength(Stack.of(scope).resolve(payload));
  return length <= LONGEST_RECORD ? [] : [new ValidationError('MicrovmPayloadTooLong',
    `payload: the launch request and the payload need at least ${length} characters in an SSM parameter, and only ${LONGEST_RECORD} fit; put the data into S3 or a parameter and pass its name`,
    scope).message];
}

/** Returns the payload that the user gives as a text or as an object. */
export function givenPayload(scope: IConstruct, { payload, payloadObject }: PayloadProps): Payload | undefined {
  if (payload !== undefined && payloadObject !== undefined) {
    throw new ValidationError('MicrovmPayloadInvalid', 'payloadObject: cannot be combined with payload; set one of the two', scope);
  }
  const problem = jsonProblem(payloadObject);
  if (problem !== undefined) {
    throw new ValidationError('MicrovmPayloadInvalid', `payloadObject: the object cannot become JSON (${problem}); use texts, numbers, booleans, lists and objects`, scope);
  }
  return payload ?? payloadObject;
}

/** Returns the payload as a text, which may contain tokens. */
export function payloadText(scope: IConstruct, payload: Payload | undefined): string | undefined {
  return payload === undefined || typeof payload === 'string' ? payload : Stack.of(scope).toJsonString(payload);
}

/**
 * Rejects payloads that are too long, that no run hook receives, or that refer to a secret. The length of unresolved
 * tokens is not checked.
 */
export function checkPayload(scope: IConstruct, image: lambda.IMicrovmImageRef, payload: Payload | undefined, longest: number): void {
  if (payload === undefined) return;
  rejectSecretReferences(scope, { payload });
  if (MicrovmImage.isMicrovmImage(image) && !image._hasRunHook) {
    throw new ValidationError('MicrovmPayloadWithoutRunHook',
      `payload: image '${image.node.path}' has no run hook to receive it; give the image MicrovmHooks.withReady({ port, run: {} })`, scope);
  }
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const length = Token.isUnresolved(text) ? 0 : JSON.stringify(text).length - 2;
  if (length > longest) {
    throw new ValidationError('MicrovmPayloadTooLong',
      `payload: the text has ${length} characters as JSON; use at most ${longest}, or put the data into S3 or a parameter and pass its name`, scope);
  }
}
