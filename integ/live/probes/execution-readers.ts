import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { said } from './need';
import type { Outcome, Probe } from './probe';
import type { ProbeContext } from './probe-context';
import { signedRequest } from './signed-request';
import { allow } from './statements';
import type { RoleCredentials } from '../../../src/handlers/engine/control-plane';

/** Who can read an execution of the state machine that waits for resources. DeploymentEncryption encrypts it. */
export const executionReaders: Probe = {
  name: 'execution readers',
  facts: ['executionReaders', 'executionKeyPolicy'],
  async run(context, settle) {
    const read = allow('states:DescribeExecution', '*');
    const decrypting = await readBy(context, await context.session([read, allow('kms:Decrypt', '*')]));
    const reading = await readBy(context, await context.session([read]));
    const evidence = `with kms:Decrypt: ${said(decrypting)}; without it: ${said(reading)}`;
    settle('executionReaders', decrypting.rejected !== undefined ? 'unclear' : reading.rejected === undefined ? 'no' : 'yes', evidence);

    const other = await readBy(context, await sessionOf(context, context.outputs.ReaderRoleArn));
    const policyEvidence = `the key exists; a role in the list: ${said(decrypting)}; another role with the same permissions: ${said(other)}`;
    settle('executionKeyPolicy', decrypting.rejected !== undefined ? 'unclear' : other.rejected === undefined ? 'no' : 'yes', policyEvidence);
  },
};

/** Describes the last execution. The answer is its input. */
async function readBy({ account, outputs }: ProbeContext, credentials: RoleCredentials): Promise<Outcome<string>> {
  const call = async (operation: string, body: object, client = account.client) => JSON.parse(await signedRequest({ ...account, client }, 'states', {
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${operation}` }, body: JSON.stringify(body),
  }));
  const { executions: [{ executionArn }] } = await call('ListExecutions', { stateMachineArn: outputs.StateMachineArn, maxResults: 1 });
  try {
    const { input } = await call('DescribeExecution', { executionArn }, { ...account.client, profile: undefined, credentials });
    return { answer: input as string };
  } catch (error) {
    const { message } = error as Error;
    if (!/ returned 4\d\d: /.test(message)) throw error;
    return { rejected: message };
  }
}

async function sessionOf({ account }: ProbeContext, RoleArn: string): Promise<RoleCredentials> {
  const { Credentials: given } = await new STSClient(account.client).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'probe', DurationSeconds: 900 }));
  return { accessKeyId: given!.AccessKeyId!, secretAccessKey: given!.SecretAccessKey!, sessionToken: given!.SessionToken! };
}
