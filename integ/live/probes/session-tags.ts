import type { Probe } from './probe';

/** A service that tags sessions needs sts:TagSession in the trust policy. */
export const sessionTags: Probe = {
  name: 'session tags',
  facts: ['sessionTags'],
  async run(context, settle) {
    const microvm = await context.until(await context.launch({ executionRoleArn: context.outputs.UntaggableRoleArn, logging: { disabled: {} } }), 'RUNNING', 'TERMINATED');
    if (microvm.state === 'RUNNING') settle('sessionTags', 'yes', 'a MicroVM runs with such a role');
    else settle('sessionTags', /assume/.test(microvm.stateReason ?? '') ? 'no' : 'unclear', `the MicroVM has terminated: ${microvm.stateReason}`);
  },
};
