import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { FACTS } from './facts/catalog';
import type { Answer, Fact } from './facts/fact';
import type { LiveResult } from './live-run';
import { succeeded } from './live-run';
import { masked } from './masks';
import type { TimelineEntry } from './statuses/timeline';
import type { Measurement } from './times';

const ROOT = path.join(__dirname, '..', '..');
const DESIGN = path.join('docs', 'design');

/** Renders the report as Markdown, without the account number. */
export function report(result: LiveResult): string {
  const { apps, probes } = result;
  const answers = [...probes?.answers ?? [], ...answersOfApps(result)];
  const settled = answers.filter(answer => answer.settled === 'yes' || answer.settled === 'no');
  const open = answers.filter(answer => !settled.includes(answer));
  const sections = [
    `# Live run in ${result.region}`,
    result.local ? 'Run on a local AWS to develop this command: **the report says nothing about AWS.**' : 'Run in an AWS account.',
    bullets([
      `${result.begun.toISOString()} to ${result.ended.toISOString()}`,
      `cdk-lambda-microvms ${versionOf('.')}, aws-cdk-lib ${versionOf('node_modules/aws-cdk-lib')}, CDK CLI ${versionOf('node_modules/aws-cdk')}, `
      + `Node.js ${process.versions.node}`,
      succeeded(result) ? 'Everything succeeded' : '**Not everything succeeded**',
    ]),
    '## Apps',
    table(['app', 'assertions', 'failed'], apps.map(({ app, assertions, failure }) => [
      app, `${assertions.filter(({ status }) => status === 'success').length} of ${assertions.length} passed`, failure ?? '',
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
    'Each row is a change in what DescribeStacks and DescribeStackResource return during a request. The column "current" is the result of the fence of the library.',
    timelineTable(probes?.timeline ?? []),
    '## Left behind',
    result.kept ? 'Everything is still deployed (--keep).' : bullets(leftBehind(result)),
  ];
  return masked(`${sections.join('\n\n')}\n`, result.account);
}

/** Summarizes a run in a few lines for the terminal. */
export function summary(result: LiveResult): string[] {
  const left = leftBehind(result);
  return [
    ...result.apps.map(({ app, assertions, failure }) => {
      const holding = assertions.filter(({ status }) => status === 'success').length;
      return `${app}: ${failure === undefined ? 'deployed' : `FAILED: ${failure}`}, ${holding} of ${assertions.length} assertions passed`;
    }),
    ...result.probes?.failure === undefined ? [] : [result.probes.failure],
    ...result.probes === undefined ? [] : [
      `facts: ${result.probes.answers.filter(({ settled }) => settled === 'yes' || settled === 'no').length} of ${result.probes.answers.length} asked are settled`,
    ],
    result.kept ? 'everything is still deployed (--keep)' : `left behind: ${left.join(', ')}`,
  ];
}

/** Facts that the deployment of an app settles. */
function answersOfApps({ apps }: LiveResult): Answer[] {
  const docker = apps.find(({ app }) => app === 'microvm-launcher-full');
  if (docker === undefined) return [];
  return [docker.failure === undefined
    ? { fact: FACTS.docker.id, settled: 'yes', evidence: 'the ready hook of its image answers once dockerd runs' }
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
  return table(['question', 'source', 'answer', 'evidence'], answers.map(({ fact, settled, evidence }) => [facts[fact].question, linksTo(facts[fact].source), settled, evidence]));
}

function notAsked(answers: readonly Answer[]): string[][] {
  const asked = new Set(answers.map(({ fact }) => fact));
  return Object.values<Fact>(FACTS).filter(({ id }) => !asked.has(id))
    .map(({ question, source, notAsked: reason }) => [question, linksTo(source), reason ?? 'its probe or app was not selected']);
}

function timelineTable(entries: readonly TimelineEntry[]): string {
  return table(
    ['step', 'after s', 'request', 'resource', 'its id', 'resource status', 'id shown', 'LastUpdatedTimestamp', 'stack status', 'LastUpdatedTime', 'current', 'canceled'],
    entries.map(({ step, after, request, view, current, canceled }) => [
      step, after.toFixed(1), request.RequestType, request.LogicalResourceId, request.PhysicalResourceId ?? '', view.resourceStatus ?? 'none', view.physicalId ?? '',
      view.resourceTime ?? '', view.stackStatus ?? '', view.lastUpdatedTime ?? '', current ? 'yes' : 'no', canceled ? 'yes' : 'no',
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

/**
 * Turns sources like `iam.md, 4.1; reconciler.md, B.2` into links to their sections in the repository of the package.
 */
export function linksTo(source: string): string {
  return source.split('; ').map(reference => {
    const [page, section] = reference.split(', ');
    return `[${reference}](${repository()}/blob/main/${DESIGN}/${page}#${anchorOf(page, section)})`;
  }).join(', ');
}

/** The anchor that GitHub gives to the heading of a section. */
function anchorOf(page: string, section: string): string {
  const headings = readFileSync(path.join(ROOT, DESIGN, page), 'utf8').split('\n').filter(line => /^#+ /.test(line)).map(line => line.replace(/^#+ /, ''));
  const heading = headings.find(text => text.startsWith(`${section} `));
  if (heading === undefined) throw new Error(`docs/design/${page} has no section ${section}`);
  return heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
}

function repository(): string {
  return packageIn('.').repository!.url.replace(/\.git$/, '');
}

function versionOf(directory: string): string {
  return packageIn(directory).version;
}

function packageIn(directory: string): { readonly version: string; readonly repository?: { readonly url: string } } {
  return JSON.parse(readFileSync(path.join(ROOT, directory, 'package.json'), 'utf8'));
}
