import type { AwsAccess, LogEvent, RoleCredentials } from './aws-access';

const FLUSH_MS = 200;

/** Lines for a log stream, written with the credentials of a role. Without a log group they are discarded. */
export class LogStream {
  private events: LogEvent[] = [];
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly aws: AwsAccess,
    private readonly credentials: RoleCredentials,
    private readonly group: string | undefined,
    private readonly stream: string,
    /** Whether the request named the log group. */
    readonly required = false,
  ) {}

  write(message: string): void {
    // CloudWatch Logs rejects empty messages.
    this.events.push({ timestamp: Date.now(), message: message === '' ? ' ' : message });
  }

  /** Writes a line that is sent soon. A failure is not reported, as in the live service. */
  writeSoon(message: string): void {
    this.write(message);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.flush().catch(() => undefined);
    }, FLUSH_MS).unref();
  }

  async flush(): Promise<void> {
    const events = this.events;
    this.events = [];
    if (this.group !== undefined && events.length > 0) await this.aws.putLogEvents(this.credentials, this.group, this.stream, events);
  }
}
