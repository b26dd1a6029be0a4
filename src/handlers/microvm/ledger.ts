import type { SSMClient } from '@aws-sdk/client-ssm';
import { DeleteParameterCommand, GetParametersByPathCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import type { Launch } from './launch';
import type { CallLimits } from '../engine/calls';
import { nameOf } from '../engine/errors';
import { allPages } from '../engine/pages';

/** The records of the launches of one resource. */
export interface Ledger {
  launches(): Promise<Launch[]>;
  /** Records a launch before it is requested. An existing record stays as it is. */
  record(launch: Launch): Promise<void>;
  /** Updates the record of a launch. */
  write(launch: Launch): Promise<void>;
  /** Deletes the record of a launch. */
  forget(launch: Launch): Promise<void>;
}

/** Keeps a parameter for each launch, under a path that belongs to the resource. */
export class ParameterLedger implements Ledger {
  public constructor(private readonly client: SSMClient, private readonly path: string, private readonly limits: CallLimits) {}

  public async launches(): Promise<Launch[]> {
    const parameters = await allPages(async nextToken => {
      const page = await this.client.send(new GetParametersByPathCommand({ Path: this.path, NextToken: nextToken }), this.limits.options());
      return { items: page.Parameters, nextToken: page.NextToken };
    });
    return parameters.map(({ Name: name, Value: value }) => ({ ...JSON.parse(value!) as Omit<Launch, 'name'>, name: name!.slice(this.path.length + 1) }));
  }

  public async record(launch: Launch): Promise<void> {
    try {
      await this.put(launch, false);
    } catch (error) {
      if (nameOf(error) !== 'ParameterAlreadyExists') throw error;
    }
  }

  public async write(launch: Launch): Promise<void> {
    await this.put(launch, true);
  }

  public async forget({ name }: Launch): Promise<void> {
    try {
      await this.client.send(new DeleteParameterCommand({ Name: `${this.path}/${name}` }), this.limits.options());
    } catch (error) {
      if (nameOf(error) !== 'ParameterNotFound') throw error;
    }
  }

  private async put({ name, ...launch }: Launch, overwrite: boolean): Promise<void> {
    await this.client.send(
      new PutParameterCommand({ Name: `${this.path}/${name}`, Type: 'String', Value: JSON.stringify(launch), Overwrite: overwrite }), this.limits.options(),
    );
  }
}
