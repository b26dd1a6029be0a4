import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { FACTS } from './facts/catalog';
import type { Answer, Fact } from './facts/fact';
import type { LiveResult } from './live-run';
import { succeeded } from './live-run';
import { masked } from './masks';
import type { Moment } from './statuses/timeline';
import type { Measurement } from './times';

const ROOT = path.join(__dirname, '..', '..');

/** The report as Markdown, without the number of the account. */
export function report(result: LiveResult): string {
  const { apps, probes } = result;
  const answers = [...probes?.answers ?? [], ...answersOfApps(result)];
  const settled = answers.filter(answer => answer.settled === 'yes' || answer.settled === 'no');
  const open = answers.filter(answer => !settled.includes(answer));
  const sections = [
    `# Live run in ${result.region}`,
    result.local ? 'On a local AWS, for the development of this command: **it says nothing about AWS.**' : 'In an account.',
    bullets([
      `${result.begun.toISOString()} to ${result.ended.toISOString()}`,
      `cdk-lambda-microvms ${versionOf('.')}, aws-cdk-lib ${versionOf('node_modules/aws-cdk-lib')}, CDK CLI ${versionOf('node_modules/aws-cdk')}, `
      + `Node.js ${process.versions.node}`,
      succeeded(result) ? 'Everything was as it should be' : '**Not everything was as it should be**',
    ]),
    '## Apps',
    table(['app', 'assertions', 'failed'], apps.map(({ app, assertions, failure }) => [
      app, `${assertions.filter(({ status }) => status === 'success').length} of ${assertions.length} hold`, failure ?? '',
    ])),
    ...failedAssertions(result),
    '## Times',
    table(['where', 'what', 'seconds'], [...apps.flatMap(({ times }) => times), ...probes?.times ?? []].map(timeRow)),
    '## Facts settled',
    ...probes?.failure === undefined ? [] : [probes.failure],
    factTable(settled),
    '## Facts not settled',
    factTable(open),
    '## Facts not asked',
    table(['question', 'source', 'why not'], notAsked(answers)),
    '## What CloudFormation showed',
    'Each line is a change of what DescribeStacks and DescribeStackResource show to a request while it is under way. "Current" is what the library\'s fence makes of it.',
    timelineTable(probes?.timeline ?? []),
    '## Left behind',
    result.kept ? 'Everything was kept.' : bullets(leftBehind(result)),
  ];
  return masked(`${sections.join('\n\n')}\n`, result.account);
}

/** The same in some lines, for a terminal. */
export function summary(result: LiveResult): string[] {
  const left = leftBehind(result);
  return [
    ...result.apps.map(({ app, assertions, failure }) => {
      const holding = assertions.filter(({ status }) => status === 'success').length;
      return `${app}: ${failure === undefined ? 'deployed' : `FAILED: ${failure}`}, ${holding} of ${assertions.length} assertions hold`;
    }),
    ...result.probes?.failure === undefined ? [] : [result.probes.failure],
    ...result.probes === undefined ? [] : [
      `facts: ${result.probes.answers.filter(({ settled }) => settled === 'yes' || settled === 'no').length} of ${result.probes.answers.length} asked are settled`,
    ],
    result.kept ? 'everything was kept' : `left behind: ${left.join(', ')}`,
  ];
}

/** What the apps settle by having been deployed. */
function answersOfApps({ apps }: LiveResult): Answer[] {
  const docker = apps.find(({ app }) => app === 'microvm-launcher-full');
  if (docker === undefined) return [];
  return [docker.failure === undefined
    ? { fact: FACTS.docker.id, settled: 'yes', evidence: 'its ready hook answers when dockerd does' }
    : { fact: FACTS.docker.id, settled: 'not settled', evidence: docker.failure }];
}

function failedAssertions({ apps }: LiveResult): string[] {
  const failed = apps.flatMap(({ app, assertions }) => assertions.filter(({ status }) => status !== 'success').map(assertion => ({ app, ...assertion })));
  return failed.length === 0 ? [] : [table(['app', 'assertion', 'result', 'message'], failed.map(({ app, id, status, message }) => [app, id, status, message ?? '']))];
}

function timeRow({ where, what, milliseconds }: Measurement): string[] {
  return [where, what, (milliseconds / 1000).toFixed(1)];
}

function factTable(answers: readonly Answer[]): string {
  const facts = FACTS as Record<string, Fact>;
  return table(['question', 'source', 'answer', 'evidence'], answers.map(({ fact, settled, evidence }) => [facts[fact].question, facts[fact].source, settled, evidence]));
}

function notAsked(answers: readonly Answer[]): string[][] {
  const asked = new Set(answers.map(({ fact }) => fact));
  return Object.values<Fact>(FACTS).filter(({ id }) => !asked.has(id))
    .map(({ question, source, notAsked: reason }) => [question, source, reason ?? 'its probe or app was not chosen']);
}

function timelineTable(moments: readonly Moment[]): string {
  return table(
    ['step', 'after s', 'request', 'resource', 'its id', 'resource status', 'id shown', 'LastUpdatedTimestamp', 'stack status', 'LastUpdatedTime', 'current', 'cancelled'],
    moments.map(({ step, after, request, view, current, cancelled }) => [
      step, after.toFixed(1), request.RequestType, request.LogicalResourceId, request.PhysicalResourceId ?? '', view.resourceStatus ?? 'none', view.physicalId ?? '',
      view.resourceTime ?? '', view.stackStatus ?? '', view.lastUpdatedTime ?? '', current ? 'yes' : 'no', cancelled ? 'yes' : 'no',
    ]),
  );
}

function leftBehind({ apps, probes }: LiveResult): string[] {
  const left = [...apps.flatMap(app => app.left), ...probes?.left ?? []];
  return left.length === 0 ? ['nothing'] : left;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return 'None.';
  const line = (cells: readonly string[]) => `| ${cells.map(cell => cell.replace(/\s+/g, ' ').replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function bullets(lines: readonly string[]): string {
  return lines.map(line => `- ${line}`).join('\n');
}

function versionOf(directory: string): string {
  return JSON.parse(readFileSync(path.join(ROOT, directory, 'package.json'), 'utf8')).version;
}
