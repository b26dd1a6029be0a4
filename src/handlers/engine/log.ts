import type { PollEvent, ResourceEvent } from './event';
import { redact } from './redact';
import type { Phase, StackView } from './stack';

export type Level = 'INFO' | 'WARN' | 'ERROR';

/** Writes one line of the handler's log. */
export type LogWriter = (level: Level, fields: Readonly<Record<string, unknown>>) => void;

/** The runtime passes a line on as it is if it is JSON with these two members. */
export const writeLine: LogWriter = (level, fields) => {
  process.stdout.write(`${JSON.stringify({ timestamp: new Date().toISOString(), level, ...fields })}\n`);
};

/** The result of a poll. */
export interface Entry {
  readonly level?: Level;
  readonly step: 'change' | 'wait' | 'done' | 'fail' | 'held';
  /** What was changed, what is waited for, or why the operation failed. */
  readonly text: string;
  readonly phase: Phase;
  /** What was observed, in a few short values. */
  readonly observed?: Readonly<Record<string, unknown>>;
}

/** The last line of each operation. A container remembers it, so that its polls do not repeat it. */
const said = new Map<string, string>();
const MOST_REMEMBERED = 1_000;

/** The log of one operation: a line for each change of its state. */
export class OperationLog {
  public constructor(
    private readonly event: ResourceEvent | PollEvent, private readonly write: LogWriter, private readonly now: () => number,
  ) {}

  /** Reports what CloudFormation showed first. */
  public described(phase: Phase, { stackStatus, stackTime, resourceStatus, resourceTime, physicalId, isIncomplete }: StackView): void {
    this.line('INFO', 'described', `begins in the phase ${phase}`, { phase, stackStatus, stackTime, resourceStatus, resourceTime, physicalId, isIncomplete });
  }

  /** Reports the result of a poll, unless an earlier poll reported the same. */
  public report({ level = 'INFO', step, text, phase, observed }: Entry, secrets: string[]): void {
    const values = redactAll({ text, phase, observed }, secrets) as { text: string };
    const key = `${this.event.StackId} ${this.event.LogicalResourceId} ${this.event.RequestId}`;
    const line = JSON.stringify([step, values]);
    if (said.get(key) === line) return;
    said.delete(key);
    said.set(key, line);
    if (said.size > MOST_REMEMBERED) said.delete(said.keys().next().value!);
    const { text: message, ...rest } = values;
    this.line(level, step, message, { ...rest, elapsedSeconds: this.elapsedSeconds() });
  }

  private line(level: Level, step: string, text: string, fields: Record<string, unknown>): void {
    const { RequestType: type, LogicalResourceId: resource, ResourceType: resourceType, RequestId: request } = this.event;
    this.write(level, { message: `${type} of ${resource}: ${text}`, step, resource, resourceType, type, request, ...fields });
  }

  private elapsedSeconds(): number | undefined {
    const { event } = this;
    return 'Operation' in event ? Math.round((this.now() - event.Operation.StartedAt) / 1000) : undefined;
  }
}

function redactAll(value: unknown, secrets: string[]): unknown {
  if (typeof value === 'string') return redact(value, secrets);
  if (Array.isArray(value)) return value.map(item => redactAll(item, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactAll(item, secrets)]));
}
