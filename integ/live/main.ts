/** `npm run live`: deploys the integration apps to an account and asks the open questions. */
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import type { RunControls } from './live-run';
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
  if (result === undefined) return console.log('Nothing was created.');
  writeFileSync(options.report, report(result));
  summary(result).forEach(line => console.log(line));
  console.log(`Report: ${options.report}`);
  if (!succeeded(result)) process.exitCode = 1;
}

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY) throw new Error('cannot ask for confirmation without a terminal: pass --yes');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test(await terminal.question('Continue? (yes/no) '));
  } finally {
    terminal.close();
  }
}

/** The first Ctrl-C also stops the current deployment, because the terminal sends the signal to the CDK CLI too. */
function stopOnSignal(): RunControls['stopped'] {
  let stopped = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopped) process.exit(130);
      stopped = true;
      console.log('Stopping and destroying what was created. Press Ctrl-C again to exit at once and leave everything deployed.');
    });
  }
  return () => stopped;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
