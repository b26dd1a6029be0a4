import type { Probe } from './probe';

/** A service that tags a session needs sts:TagSession in the trust policy. */
export const sessionTags: Probe = {
  name: 'session tags',
  facts: ['sessionTags'],
  async ask(lab, say) {
    const microvm = await lab.until(await lab.launch({ executionRoleArn: lab.outputs.UntaggableRoleArn, logging: { disabled: {} } }), 'RUNNING', 'TERMINATED');
    if (microvm.state === 'RUNNING') say('sessionTags', 'yes', 'a MicroVM runs with it');
    else say('sessionTags', /assume/.test(microvm.stateReason ?? '') ? 'no' : 'unclear', `the MicroVM ended: ${microvm.stateReason}`);
  },
};
