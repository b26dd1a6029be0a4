import { createHash, createHmac } from 'crypto';
import type { SessionCredentials } from '../../../tools/local-aws/assume-role';

type Credentials = Pick<SessionCredentials, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>;

export interface Caller {
  readonly url: string;
  readonly region: string;
  readonly credentials: Credentials;
}

/** Sends requests to services without an SDK client in this repository. A denial throws an error with its message. */
export class Requests {
  constructor(private readonly caller: Caller) {}

  /** An operation of EC2. Members of lists are `Name.1`. */
  async ec2(operation: string, parameters: Record<string, string> = {}): Promise<string> {
    const body = new URLSearchParams({ Action: operation, Version: '2016-11-15', ...parameters }).toString();
    return this.send('ec2', body, { 'content-type': 'application/x-www-form-urlencoded' });
  }

  async stepFunctions(operation: string, input: object): Promise<any> {
    return this.json('states', `AWSStepFunctions.${operation}`, input);
  }

  async events(operation: string, input: object): Promise<any> {
    return this.json('events', `AWSEvents.${operation}`, input);
  }

  async kms(operation: string, input: object): Promise<any> {
    return this.json('kms', `TrentService.${operation}`, input);
  }

  private async json(service: string, target: string, input: object): Promise<any> {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
    return JSON.parse(await this.send(service, JSON.stringify(input), headers) || '{}');
  }

  private async send(service: string, body: string, headers: Record<string, string>): Promise<string> {
    const response = await fetch(this.caller.url, { method: 'POST', body, headers: this.signed(service, body, headers) });
    const text = await response.text();
    if (!response.ok) throw new Error(messageOf(text));
    return text;
  }

  private signed(service: string, body: string, headers: Record<string, string>): Record<string, string> {
    const { url, region, credentials } = this.caller;
    const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
    const all: Record<string, string> = {
      ...headers, 'host': new URL(url).host, 'x-amz-date': date, 'x-amz-security-token': credentials.sessionToken,
    };
    const names = Object.keys(all).sort();
    const canonical = ['POST', '/', '', ...names.map(name => `${name}:${all[name]}`), '', names.join(';'), sha256(body)].join('\n');
    const scope = [date.slice(0, 8), region, service, 'aws4_request'];
    const toSign = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical)].join('\n');
    const key = scope.reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${credentials.secretAccessKey}`);
    const signature = hmac(key, toSign).toString('hex');
    const credential = `${credentials.accessKeyId}/${scope.join('/')}`;
    return { ...all, authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}` };
  }
}

function messageOf(text: string): string {
  return /<Message>(.*?)<\/Message>/s.exec(text)?.[1] ?? /"[Mm]essage": ?"(.*?)"[,}]/.exec(text)?.[1] ?? text;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
