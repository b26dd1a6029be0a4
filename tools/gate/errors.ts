/**
 * Writes docs/guides/errors.md from src/contract/diagnostics.ts.
 *
 *   tsx tools/gate/errors.ts
 */
import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { ROOT } from './repository';
import type { Diagnostic } from '../../src/contract/diagnostics';
import { DEPLOYMENT_ERRORS, SYNTHESIS_ERRORS, SYNTHESIS_WARNINGS } from '../../src/contract/diagnostics';

export const ERRORS_PAGE = 'docs/guides/errors.md';

const WIDTH = 116;

const SECTIONS: [title: string, introduction: string, diagnostics: Readonly<Record<string, Diagnostic>>][] = [
  ['Errors at synth', '`cdk synth` fails, and nothing is deployed. The path after the code names the construct.', SYNTHESIS_ERRORS],
  ['Warnings at synth', '`cdk synth` continues. If a warning does not apply to you, silence it with '
    + '`Annotations.of(scope).acknowledgeWarning(code)`.', SYNTHESIS_WARNINGS],
  ['Errors in a deployment', 'CloudFormation shows these errors in the events of the stack. Steps of a state machine that '
    + '`MicrovmStateMachineFragment` creates fail with these codes as the names of their errors.', DEPLOYMENT_ERRORS],
];

/** The page of all codes: one heading per code, at the address with which its errors end. */
export function errorsPage(): string {
  return [
    '# Errors and warnings',
    '',
    '<!-- npm run generate writes this page from src/contract/diagnostics.ts. Do not edit it. -->',
    '',
    ...wrap('Every error of this library ends its first line with a code in square brackets, and its last line is the address of a heading on this page. '
      + 'A warning ends with the address and its code. Codes do not change from release to release.'),
    '',
    ...wrap('If you see no code, the error comes from the CDK CLI, CloudFormation or your own code. [Troubleshooting](troubleshooting.md) lists symptoms '
      + 'without a code.'),
    '',
    ...SECTIONS.map(([title]) => `- [${title}](#${title.toLowerCase().replace(/ /g, '-')})`),
    ...SECTIONS.flatMap(([title, introduction, diagnostics]) => [
      '',
      `## ${title}`,
      '',
      ...wrap(introduction),
      ...Object.entries(diagnostics).flatMap(entry => section(...entry)),
    ]),
    '',
  ].join('\n');
}

function section(code: string, { means, remedy, example }: Diagnostic): string[] {
  return [
    '',
    `### ${code}`,
    '',
    ...wrap(means),
    '',
    ...wrap(`**What to do:** ${remedy}`),
    ...example === undefined ? [] : ['', '```text', ...example.split('\n'), '```'],
  ];
}

/** Lines of words; code in backticks is not broken. */
function wrap(text: string): string[] {
  const words = text.match(/(?:`[^`]*`|[^\s`])+/g) ?? [];
  return words.reduce<string[]>((lines, word) => {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > WIDTH) return [...lines, word];
    return [...lines.slice(0, -1), `${line} ${word}`];
  }, []);
}

if (require.main === module) writeFileSync(path.join(ROOT, ERRORS_PAGE), errorsPage());
