import { CreateRoleCommand, DeleteRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import type { Probe } from './probe';
import { outcome } from './probe';

const ROLE = 'AWSReservedSSO_CdkLambdaMicrovmsLive_0123456789abcdef';

/** Policies recognize users of a permission set by the path and the name of their role. */
export const reservedPath: Probe = {
  name: 'reserved path',
  facts: ['reservedPath'],
  async run(context, settle) {
    const iam = new IAMClient(context.account.client);
    const nobody = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Principal: { AWS: context.account.id }, Action: 'sts:AssumeRole' }] };
    const created = await outcome(() => iam.send(new CreateRoleCommand({
      RoleName: ROLE, Path: '/aws-reserved/sso.amazonaws.com/', AssumeRolePolicyDocument: JSON.stringify(nobody),
    })));
    if (created.rejected === undefined) await iam.send(new DeleteRoleCommand({ RoleName: ROLE }));
    if (created.rejected === undefined) return settle('reservedPath', 'no', 'IAM created the role, and the probe deleted it');
    settle('reservedPath', created.rejected.startsWith('Malformed') ? 'unclear' : 'yes', created.rejected);
  },
};
