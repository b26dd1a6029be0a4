import { FACTS } from '../../../integ/live/facts/catalog';
import type { Fact } from '../../../integ/live/facts/fact';
import type { LiveResult } from '../../../integ/live/live-run';
import { succeeded } from '../../../integ/live/live-run';
import { PROBES } from '../../../integ/live/probes';
import { StatusesProbe } from '../../../integ/live/probes/statuses';
import { linksTo, report } from '../../../integ/live/report';

const facts = Object.values<Fact>(FACTS);

const result: LiveResult = {
  account: '111122223333',
  region: 'eu-west-1',
  local: false,
  begun: new Date(0),
  ended: new Date(60_000),
  kept: false,
  apps: [{
    app: 'microvm-image',
    assertions: [{ id: 'AssertionResultsOne', status: 'success' }],
    times: [{ where: 'microvm-image', what: 'build of image Sandbox', milliseconds: 125_040 }],
    left: [],
  }],
  probes: {
    answers: [
      { fact: 'tokenReplay', settled: 'no', evidence: 'role arn:aws:iam::111122223333:role/a | b' },
      { fact: 'connectorQuota', settled: 'not settled', evidence: 'no such service' },
    ],
    timeline: [],
    times: [],
    left: [],
  },
};

const sectionOf = (text: string, title: string) => text.split(/^## /m).find(section => section.startsWith(`${title}\n`)) ?? '';
const lineAbout = (section: string, fact: keyof typeof FACTS) => section.split('\n').find(line => line.includes(FACTS[fact].question));

test('the report lists all times, and each fact in its section', () => {
  const text = report(result);
  expect(sectionOf(text, 'Times')).toContain('| microvm-image | build of image Sandbox | 125.0 |');
  expect(lineAbout(sectionOf(text, 'Facts settled'), 'tokenReplay')).toContain('| no |');
  expect(lineAbout(sectionOf(text, 'Facts not settled'), 'connectorQuota')).toContain('| not settled | no such service |');
  expect(lineAbout(sectionOf(text, 'Facts not asked'), 'serviceLinkedRole')).toContain(FACTS.serviceLinkedRole.notAsked!);
  expect(sectionOf(text, 'Left behind')).toContain('- nothing');
});

test('the report lists each fact exactly once', () => {
  const lines = report(result).split('\n');
  for (const { question } of facts) expect(lines.filter(line => line.startsWith(`| ${question} |`))).toHaveLength(1);
});

test('the report masks the account number and escapes evidence in tables', () => {
  const text = report(result);
  expect(text).not.toContain('111122223333');
  expect(text).toContain('arn:aws:iam::123456789012:role/a \\| b');
});

test('each source of a fact is a section of a page in docs/design', () => {
  for (const { source } of facts) expect(() => linksTo(source)).not.toThrow();
  expect(linksTo('iam.md, 4.1')).toMatch(/^\[iam\.md, 4\.1\]\(https:\/\/github\.com\/.*\/docs\/design\/iam\.md#41-source-conditions-of-build-and-execution-roles\)$/);
});

test('each fact is asked by one probe, or has a reason why no probe asks it', () => {
  const asked = [...PROBES, new StatusesProbe()].flatMap(probe => [...probe.facts] as string[]);
  // An app settles this fact, not a probe.
  const expected = facts.filter(({ notAsked, id }) => notAsked === undefined && id !== 'docker').map(({ id }) => id);
  expect([...asked].sort()).toEqual(expected.sort());
});

describe('a run', () => {
  const [app] = result.apps;

  test('succeeds if nothing failed and nothing is left behind, even with unsettled facts', () => {
    expect(succeeded(result)).toBe(true);
  });

  test.each<[string, Partial<LiveResult>]>([
    ['if an app cannot be deployed', { apps: [{ ...app, failure: 'no' }] }],
    ['if an assertion fails', { apps: [{ ...app, assertions: [{ id: 'AssertionResultsOne', status: 'fail' }] }] }],
    ['if an assertion has no result', { apps: [{ ...app, assertions: [{ id: 'AssertionResultsOne', status: 'no result' }] }] }],
    ['if an app leaves resources behind', { apps: [{ ...app, left: ['a role'] }] }],
    ['if the probes leave resources behind', { probes: { ...result.probes!, left: ['a connector'] } }],
    ['if the probes stop early', { probes: { ...result.probes!, failure: 'the stack failed' } }],
  ])('fails %s', (_, difference) => {
    expect(succeeded({ ...result, ...difference })).toBe(false);
  });
});
