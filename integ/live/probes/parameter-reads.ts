import { randomUUID } from 'node:crypto';
import { DeleteParameterCommand, GetParametersByPathCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Probe } from './probe';

const TRIES = 8;

/** The ledger of launches lists parameters immediately after it has written them. */
export const parameterReads: Probe = {
  name: 'parameter reads',
  facts: ['staleParameters'],
  async run(context, settle) {
    const client = new SSMClient(context.account.client);
    const path = `/cdk-lambda-microvms-live/${randomUUID()}`;
    const put: string[] = [];
    let stale = 0;
    try {
      for (let index = 0; index < TRIES; index++) {
        const Name = `${path}/${index}`;
        await client.send(new PutParameterCommand({ Name, Type: 'String', Value: String(index) }));
        put.push(Name);
        const { Parameters: seen = [] } = await client.send(new GetParametersByPathCommand({ Path: path }));
        if (!seen.some(parameter => parameter.Name === Name)) stale++;
      }
    } finally {
      for (const Name of put) await client.send(new DeleteParameterCommand({ Name }));
    }
    settle('staleParameters', stale === 0 ? 'yes' : 'no', `${stale} of ${TRIES} lists did not contain the parameter that was written just before`);
  },
};
