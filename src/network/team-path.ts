import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import type { SynthesisErrorCode } from '../contract/diagnostics';
import { checkText, ValidationError } from '../private/errors';

/** AWS and its console create roles under these paths. These roles would belong to the team. */
const USED_BY_AWS = ['/aws-', '/service-role/'];

/** Checks the IAM path of the network team's roles. */
export function checkNetworkTeamPath(code: SynthesisErrorCode, networkTeamPath: string, scope?: IConstruct): void {
  if (Token.isUnresolved(networkTeamPath)) {
    throw new ValidationError(code, 'networkTeamPath: the path is an unresolved token; use a path that is known at synth', scope);
  }
  checkText({
    property: 'networkTeamPath',
    code,
    minLength: 3,
    maxLength: 512,
    pattern: /^\/([\w+=,.@-]+\/)+$/,
    allowed: 'such as /network-team/, starting and ending with a slash',
  }, networkTeamPath, scope);
  if (USED_BY_AWS.some(path => networkTeamPath.startsWith(path))) {
    throw new ValidationError(code, `networkTeamPath: AWS creates roles for others under '${networkTeamPath}'; use a path of the team's own, such as /network-team/`, scope);
  }
}
