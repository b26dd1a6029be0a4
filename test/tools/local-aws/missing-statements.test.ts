import * as path from 'node:path';
import { COMPLETE, LACKING, MISSING_STATEMENTS } from './missing-statements.cases';
import { findLeftovers } from '../../../tools/demo/leftovers';
import type { StackEventSummary, StackOperationResult } from '../../../tools/local-aws/cdk';
import type { LocalAws } from '../../../tools/local-aws/local-aws';
import { startLocalAws } from '../../../tools/local-aws/local-aws';

/**
 * Uses the real CDK CLI, the deployed handler and enforced IAM. The bundle of the handlers must exist (npx projen
 * bundle).
 */

let aws: LocalAws;
let complete: { readonly deployed: StackOperationResult; readonly destroyed: StackOperationResult };
let lacking: StackOperationResult;

beforeAll(async () => {
  aws = await startLocalAws({
    times: {
      buildPending: 200, imageSettling: 200, imageDeletion: 500, launch: 200, termination: 200, connectorCreation: 200, connectorDeletion: 200,
    },
  });
  await aws.bootstrap();
  const { assembly, exitCode, output } = await aws.cdk.synth({ app: `npx tsx ${path.join(__dirname, 'missing-statements.app.ts')}` });
  if (exitCode !== 0) throw new Error(output);
  // At the same time: for two minutes, the handler assumes that a denial comes from a role that IAM has not
  // propagated yet.
  [complete, lacking] = await Promise.all([createAndDelete(assembly), deploy(assembly, MISSING_STATEMENTS.map(({ stack }) => stack))]);
});

afterAll(async () => aws.stop());

async function deploy(app: string, stacks: string[]): Promise<StackOperationResult> {
  return aws.cdk.deploy({ app, stacks, options: ['--concurrency', String(stacks.length)] });
}

async function createAndDelete(app: string) {
  const deployed = await deploy(app, [COMPLETE]);
  return { deployed, destroyed: await aws.cdk.destroy({ app, stacks: [COMPLETE] }) };
}

function failuresIn(events: StackEventSummary[]): StackEventSummary[] {
  return events.filter(({ status }) => status.endsWith('_FAILED'));
}

/** Final statuses by logical ID, including that of the stack. */
function finalStatuses(events: StackEventSummary[]): Record<string, string> {
  return Object.fromEntries(events.map(({ logicalId, status }) => [logicalId, status]));
}

test('every type of resource is created and deleted with the roles of the template, and no call is denied', () => {
  for (const result of [complete.deployed, complete.destroyed]) {
    expect(result).toMatchObject({ exitCode: 0 });
    expect(failuresIn(result.events)).toEqual([]);
  }
});

test.each(MISSING_STATEMENTS)('fails without $action of $role, names it in the error, and rolls $stack back completely', ({ stack, action, fails, says }) => {
  const events = lacking.events.filter(event => event.stack === stack);
  const [failure, ...others] = failuresIn(events);
  expect(failure).toMatchObject({ type: fails, reason: expect.stringContaining(action) });
  expect(failure.reason).toContain(says);
  expect(others).toEqual([]);
  const { [stack]: ofStack, ...ofResources } = finalStatuses(events);
  expect(ofStack).toBe('ROLLBACK_COMPLETE');
  expect([...new Set(Object.values(ofResources))]).toEqual(['DELETE_COMPLETE']);
});

test('nothing is left behind', async () => {
  expect(await findLeftovers(aws, LACKING)).toEqual([]);
});
