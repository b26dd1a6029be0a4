import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { SynthesisErrorCode } from '../contract/diagnostics';
import { ValidationError } from '../private/errors';

/** Service facts 1.3. */
const CONNECTOR_ARN = /^arn:[^:]+:lambda:[^:]*:[^:]*:network-connector:[a-zA-Z0-9_-]+$/;

/** The ARN of a connector that is not one of those that AWS provides; tokens pass. */
export function checkConnectorArn(property: string, code: SynthesisErrorCode, arn: string, scope: IConstruct): void {
  if (Token.isUnresolved(arn) || CONNECTOR_ARN.test(arn)) return;
  throw new ValidationError(code,
    `${property}: '${arn}' is not the ARN of a network connector; use arn:<partition>:lambda:<region>:<account>:network-connector:<id>, `
    + 'without a version, or MicrovmEgress.internet() for the connector that AWS provides', scope);
}
