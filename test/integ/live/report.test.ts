import { FACTS } from '../../../integ/live/facts/catalog';
import type { Fact } from '../../../integ/live/facts/fact';
import type { LiveResult } from '../../../integ/live/live-run';
import { succeeded } from '../../../integ/live/live-run';
import { PROBES } from '../../../integ/live/probes';
import { StatusesProbe } from '../../../integ/live/probes/statuses';
import { report } from '../../../integ/live/report';

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

test('the report has each time, and each fact where it belongs', () => {
  const text = report(result);
  expect(sectionOf(text, 'Times')).toContain('| microvm-image | build of image Sandbox | 125.0 |');
  expect(lineAbout(sectionOf(text, 'Facts settled'), 'tokenReplay')).toContain('| no |');
  expect(lineAbout(sectionOf(text, 'Facts not settled'), 'connectorQuota')).toContain('| not settled | no such service |');
  expect(lineAbout(sectionOf(text, 'Facts not asked'), 'kmsKey')).toContain(FACTS.kmsKey.notAsked!);
  expect(sectionOf(text, 'Left behind')).toContain('- nothing');
});

test('each fact is in the report exactly once', () => {
  const lines = report(result).split('\n');
  for (const { question } of facts) expect(lines.filter(line => line.startsWith(`| ${question} |`))).toHaveLength(1);
});

test('the account has no number in the report, and evidence breaks no table', () => {
  const text = report(result);
  expect(text).not.toContain('111122223333');
  expect(text).toContain('arn:aws:iam::123456789012:role/a \\| b');
});

test('each fact is asked by one probe, or says why none asks it', () => {
  const asked = [...PROBES, new StatusesProbe()].flatMap(probe => [...probe.facts] as string[]);
  // The app that settles it is no probe.
  const expected = facts.filter(({ notAsked, id }) => notAsked === undefined && id !== 'docker').map(({ id }) => id);
  expect([...asked].sort()).toEqual(expected.sort());
});

describe('a run', () => {
  const [app] = result.apps;

  test('succeeds if nothing failed and nothing is left, whatever is settled', () => {
    expect(succeeded(result)).toBe(true);
  });

  test.each<[string, Partial<LiveResult>]>([
    ['if an app cannot be deployed', { apps: [{ ...app, failure: 'no' }] }],
    ['if an assertion does not hold', { apps: [{ ...app, assertions: [{ id: 'AssertionResultsOne', status: 'fail' }] }] }],
    ['if an assertion has no result', { apps: [{ ...app, assertions: [{ id: 'AssertionResultsOne', status: 'no result' }] }] }],
    ['if an app leaves something', { apps: [{ ...app, left: ['a role'] }] }],
    ['if the probes leave something', { probes: { ...result.probes!, left: ['a connector'] } }],
    ['if the probes end early', { probes: { ...result.probes!, failure: 'the stack failed' } }],
  ])('fails %s', (_, difference) => {
    expect(succeeded({ ...result, ...difference })).toBe(false);
  });
});
