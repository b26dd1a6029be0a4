import type { IConstruct } from 'constructs';
import type { SynthesisErrorCode } from '../contract/diagnostics';
import { checkText } from '../private/errors';

/** Checks the IAM path of the network team's roles. Does not check unresolved tokens. */
export function checkNetworkTeamPath(code: SynthesisErrorCode, networkTeamPath: string, scope?: IConstruct): void {
  checkText({
    property: 'networkTeamPath',
    code,
    minLength: 3,
    maxLength: 512,
    pattern: /^\/([\w+=,.@-]+\/)+$/,
    allowed: 'such as /network-team/, starting and ending with a slash',
  }, networkTeamPath, scope);
}
