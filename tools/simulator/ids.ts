import { createHash } from 'crypto';

/** IDs that look random and are the same in each run: hashes of a seed and a counter. */
export class Ids {
  private counter = 0;

  constructor(private readonly seed: string) {}

  uuid(): string {
    const hex = this.digest().toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
  }

  /** Text of the given number of bytes in base64url. */
  base64url(bytes: number): string {
    return this.digest().subarray(0, bytes).toString('base64url');
  }

  private digest(): Buffer {
    return createHash('sha512').update(`${this.seed}/${this.counter++}`).digest();
  }
}
