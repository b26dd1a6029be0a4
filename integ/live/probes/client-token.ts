import { randomUUID } from 'node:crypto';
import type { Probe } from './probe';
import { outcome } from './probe';

/** The library terminates a launch with a lost answer by repeating RunMicrovm with the same client token. */
export const clientToken: Probe = {
  name: 'client token',
  facts: ['tokenReplay'],
  async run(context, settle) {
    const request = { clientToken: randomUUID() };
    const first = await context.launch(request);
    const again = await context.launch(request);
    await context.terminate(first);
    const afterwards = await outcome(() => context.launch(request));
    const evidence = `while the first MicroVM runs: ${again === first ? 'the same MicroVM' : 'another MicroVM'}; after its termination: ${afterwards.rejected ?? (afterwards.answer === first ? 'the same MicroVM' : 'another MicroVM')}`;
    settle('tokenReplay', afterwards.answer === undefined ? 'unclear' : afterwards.answer === first ? 'yes' : 'no', evidence);
  },
};
