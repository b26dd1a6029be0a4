/**
 * Writes the tables of diagnostics into the README.
 *
 *   npm run diagnostics
 */
import { updateReadme } from './readme';
import type { Diagnostic } from '../../src/contract/diagnostics';
import { DEPLOYMENT_ERRORS, SYNTHESIS_ERRORS, SYNTHESIS_WARNINGS } from '../../src/contract/diagnostics';

/** By their markers. */
export function diagnosticTables(): Record<string, string> {
  return {
    'npm run diagnostics: synthesis errors': table(SYNTHESIS_ERRORS),
    'npm run diagnostics: synthesis warnings': table(SYNTHESIS_WARNINGS),
    'npm run diagnostics: deployment errors': table(DEPLOYMENT_ERRORS),
  };
}

function table(diagnostics: Readonly<Record<string, Diagnostic>>): string {
  return [
    '| code | what it means | what to do |',
    '| --- | --- | --- |',
    ...Object.entries(diagnostics).map(([code, { means, remedy }]) => `| \`${code}\` | ${means} | ${remedy} |`),
  ].join('\n');
}

if (require.main === module) updateReadme(diagnosticTables());
