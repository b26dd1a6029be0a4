import type { SSMClient } from '@aws-sdk/client-ssm';
import { DeleteParameterCommand, GetParametersByPathCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { RECORD_HINT } from './hints';
import type { Launch } from './launch';
import { LONGEST_RECORD } from '../../contract/microvm';
import type { CallLimits } from '../engine/calls';
import { classify, nameOf, TerminalError } from '../engine/errors';
import { listIds } from '../engine/list-ids';
import { allPages } from '../engine/pages';

/** The records of the launches of one resource. */
export interface Ledger {
  /** Throws `UnreadableRecordsError` if a record is damaged. */
  launches(): Promise<Launch[]>;
  /**
   * Records a launch before it is requested. An existing record stays as it is.
   *
   * @returns whether this call wrote the record.
   */
  record(launch: Launch): Promise<boolean>;
  /** Updates the record of a launch. */
  write(launch: Launch): Promise<void>;
  /** Deletes the record of a launch. */
  forget(launch: Launch): Promise<void>;
}

/** Thrown if parameters under the path of a ledger are not records. */
export class UnreadableRecordsError extends Error {
  public constructor(
    /** The names of the parameters. */
    public readonly parameters: readonly string[],
    /** The launches whose records are readable. */
    public readonly launches: Launch[],
  ) {
    super(`these parameters are not records of launches: ${listIds([...parameters])}`);
  }
}

/** Keeps a parameter for each launch, under a path that belongs to the resource. */
export class ParameterLedger implements Ledger {
  public constructor(private readonly client: SSMClient, private readonly path: string, private readonly limits: CallLimits) {}

  public async launches(): Promise<Launch[]> {
    const parameters = await allPages(async nextToken => {
      const page = await this.client.send(new GetParametersByPathCommand({ Path: this.path, NextToken: nextToken }), this.limits.options());
      return { items: page.Parameters, nextToken: page.NextToken };
    });
    const records = parameters.map(({ Name: name = '', Value: value = '' }) => ({ name, launch: parse(name.slice(this.path.length + 1), value) }));
    const launches = records.flatMap(({ launch }) => launch ?? []);
    const unreadable = records.filter(({ launch }) => launch === undefined).map(({ name }) => name);
    if (unreadable.length > 0) throw new UnreadableRecordsError(unreadable, launches);
    return launches;
  }

  public async record(launch: Launch): Promise<boolean> {
    if (valueOf(launch).length > LONGEST_RECORD) throw tooLong();
    try {
      await this.put(launch, false);
      return true;
    } catch (error) {
      if (nameOf(error) === 'ParameterAlreadyExists') return false;
      // Parameter Store may count bytes where this handler counts characters.
      throw classify(error) === 'invalid' ? tooLong() : error;
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

  private async put(launch: Launch, overwrite: boolean): Promise<void> {
    await this.client.send(
      new PutParameterCommand({ Name: `${this.path}/${launch.name}`, Type: 'String', Value: valueOf(launch), Overwrite: overwrite }), this.limits.options(),
    );
  }
}

function tooLong(): TerminalError {
  return new TerminalError('MicrovmLaunchRejected', 'the launch request with its payload is too long for the SSM parameter that records it', [RECORD_HINT]);
}

function valueOf({ name: _, ...launch }: Launch): string {
  return JSON.stringify(launch);
}

/** Returns the launch that a parameter records, and undefined if the parameter records none. */
function parse(name: string, value: string): Launch | undefined {
  try {
    const launch = { ...JSON.parse(value) as Omit<Launch, 'name'>, name };
    const { fingerprint, roleArn, launchedAt, request } = launch as Partial<Launch>;
    const isComplete = [fingerprint, roleArn, request?.imageIdentifier].every(text => typeof text === 'string') && typeof launchedAt === 'number';
    return isComplete ? launch : undefined;
  } catch {
    return undefined;
  }
}
