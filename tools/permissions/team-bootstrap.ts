import { teamBootstrapTemplate } from '../../src/network/team-bootstrap';
import { ResolvedTemplate } from '../../test/support/template';

export const TRUSTED_ACCOUNT = '111122223333';

export interface TeamBootstrapOptions {
  /** @default `/network-team/` */
  readonly networkTeamPath?: string;
  /** @default - the set `NetworkTeam` */
  readonly permissionSets?: string[];
  /** Whether the bootstrap trusts `TRUSTED_ACCOUNT`. @default false */
  readonly trusts?: boolean;
  /** Whether the roles have a permissions boundary. @default false */
  readonly bounded?: boolean;
}

/** The bootstrap of a network team with the qualifier `netteam`, as CloudFormation deploys it. */
export function deployedTeamBootstrap(options: TeamBootstrapOptions = {}): ResolvedTemplate {
  const { networkTeamPath = '/network-team/', permissionSets = ['NetworkTeam'], trusts = false, bounded = false } = options;
  const conditions: Record<string, boolean> = { HasTrustedAccounts: trusts, HasExecutionPolicies: false, HasPermissionsBoundary: bounded };
  const evaluate = (value: any): any => {
    if (Array.isArray(value)) return value.map(evaluate);
    if (value === null || typeof value !== 'object') return value;
    if (value['Fn::If']) return evaluate(value['Fn::If'][conditions[value['Fn::If'][0]] ? 1 : 2]);
    if (value.Ref === 'AWS::NoValue') return undefined;
    if (value.Ref === 'TrustedAccounts') return [TRUSTED_ACCOUNT];
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, evaluate(member)]).filter(([, member]) => member !== undefined));
  };
  return ResolvedTemplate.template(evaluate(teamBootstrapTemplate({ qualifier: 'netteam', networkTeamPath, permissionSets })));
}
