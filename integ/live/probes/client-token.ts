import { randomUUID } from 'node:crypto';
import type { Probe } from './probe';
import { outcome } from './probe';

/** The ledger ends what was launched by asking with its token again. */
export const clientToken: Probe = {
  name: 'client token',
  facts: ['tokenReplay'],
  async ask(lab, say) {
    const request = { clientToken: randomUUID() };
    const first = await lab.launch(request);
    const again = await lab.launch(request);
    await lab.terminate(first);
    const afterwards = await outcome(() => lab.launch(request));
    const evidence = `while it runs ${again === first ? 'the same' : 'another'}; afterwards ${afterwards.refused ?? (afterwards.answer === first ? 'the same' : 'another')}`;
    say('tokenReplay', afterwards.answer === undefined ? 'unclear' : afterwards.answer === first ? 'yes' : 'no', evidence);
  },
};
