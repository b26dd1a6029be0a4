import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Assumption } from './assumer';
import type { Probe, Settle } from './probe';
import type { ProbeContext } from './probe-context';
import type { FactId } from '../facts/catalog';

/** IAM may not have propagated a role of this deployment yet. */
const ATTEMPTS = 10;
const INTERVAL = 3_000;

/** Whether a condition on lambda:SourceFunctionArn can bind the roles of resources to the handler function. */
export const sourceFunction: Probe = {
  name: 'lambda:SourceFunctionArn',
  facts: ['sourceFunctionDeny', 'sourceFunctionTrust'],
  async run(context, settle) {
    const { DenyTargetRoleArn, TrustTargetRoleArn } = context.outputs;
    await evaluate(context, settle, 'sourceFunctionDeny', DenyTargetRoleArn);
    await evaluate(context, settle, 'sourceFunctionTrust', TrustTargetRoleArn);
  },
};

/** Two functions with one role try to assume a role that only the first of them should get. */
async function evaluate(context: ProbeContext, settle: Settle, fact: FactId, roleArn: string): Promise<void> {
  const { OwnFunctionArn, OtherFunctionArn } = context.outputs;
  const own = await assumed(context, OwnFunctionArn, roleArn, ATTEMPTS);
  const other = await assumed(context, OtherFunctionArn, roleArn, 1);
  const evidence = `the function that the condition names: ${own.rejected ?? 'allowed'}; another function with the same role: ${other.rejected ?? 'allowed'}`;
  const isDenied = /^AccessDenied/.test(other.rejected ?? '');
  if (own.rejected === undefined && isDenied) settle(fact, 'yes', evidence);
  else settle(fact, /^AccessDenied/.test(own.rejected ?? '') || other.rejected === undefined ? 'no' : 'unclear', evidence);
}

async function assumed({ account }: ProbeContext, functionArn: string, roleArn: string, attempts: number): Promise<Assumption> {
  const client = new LambdaClient(account.client);
  for (let attempt = 1; ; attempt++) {
    const command = new InvokeCommand({ FunctionName: functionArn, Payload: JSON.stringify({ roleArn }) });
    const { Payload: payload, FunctionError: error } = await client.send(command);
    const text = Buffer.from(payload ?? []).toString();
    if (error !== undefined) throw new Error(`the function failed: ${text}`);
    const assumption = JSON.parse(text) as Assumption;
    if (assumption.rejected === undefined || attempt >= attempts) return assumption;
    await sleep(INTERVAL);
  }
}
