/** Runs the integration apps that follow the first argument in one process, which loads the CDK once; each gets a directory in that one. */
import * as path from 'path';

async function main([output, ...programs]: string[]): Promise<void> {
  for (const program of programs) {
    process.env.CDK_OUTDIR = path.join(output, path.basename(program));
    await import(program);
  }
}

void main(process.argv.slice(2));
