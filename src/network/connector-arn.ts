import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { SynthesisErrorCode } from '../contract/diagnostics';
import { ValidationError } from '../private/errors';

/** The ARN has the ID of the connector, and no version: a colon after the ID is rejected (service-facts.md, 1.3). */
const CONNECTOR_ARN = /^arn:[^:]+:lambda:[^:]*:[^:]*:network-connector:[a-zA-Z0-9_-]+$/;

/** Rejects ARNs of managed connectors, of versions, and of other resources. Unresolved tokens are not checked. */
export function checkConnectorArn(property: string, code: SynthesisErrorCode, arn: string, scope: IConstruct): void {
  if (Token.isUnresolved(arn) || CONNECTOR_ARN.test(arn)) return;
  throw new ValidationError(code,
    `${property}: '${arn}' is not the ARN of a network connector; `
    + 'use arn:<partition>:lambda:<region>:<account>:network-connector:<id> without a version, or MicrovmEgress.internet() for the internet', scope);
}
