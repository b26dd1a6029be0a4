/**
 * Runs the integration apps named by the other arguments in one process, each in a subdirectory of the first
 * argument.
 */
import * as path from 'path';

async function main([output, ...programs]: string[]): Promise<void> {
  for (const program of programs) {
    process.env.CDK_OUTDIR = path.join(output, path.basename(program));
    await import(program);
  }
}

void main(process.argv.slice(2));
