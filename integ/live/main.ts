/** `npm run live`: the integration apps and open questions, in an account. */
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import type { Surroundings } from './live-run';
import { liveRun, succeeded } from './live-run';
import { HELP, liveOptions } from './options';
import { report, summary } from './report';

async function main(): Promise<void> {
  const options = liveOptions(process.argv.slice(2));
  if (options === undefined) return void process.stdout.write(HELP);
  const result = await liveRun(options, {
    log: line => console.log(line),
    consent: async lines => {
      lines.forEach(line => console.log(line));
      return options.yes || await agreed();
    },
    stopped: stopOnSignal(),
  });
  if (result === undefined) return console.log('Nothing was made.');
  writeFileSync(options.report, report(result));
  summary(result).forEach(line => console.log(line));
  console.log(`The report: ${options.report}`);
  if (!succeeded(result)) process.exitCode = 1;
}

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Error('there is nobody to ask: say --yes');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test(await terminal.question('Go on? (yes/no) '));
  } finally {
    terminal.close();
  }
}

/** The first Ctrl-C ends the deployment that is under way, too: the CLI gets it from the terminal. */
function stopOnSignal(): Surroundings['stopped'] {
  let stopped = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopped) process.exit(130);
      stopped = true;
      console.log('Stopping: what was made is destroyed. Once more ends this at once, and leaves it.');
    });
  }
  return () => stopped;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
