import type { Launch } from '../../src/handlers/microvm/launch';
import type { Ledger } from '../../src/handlers/microvm/ledger';
import type { VirtualClock } from '../simulator/clock';

/** How one call fails. */
export type LedgerFault =
  /** The call fails without an effect. */
  | { readonly kind: 'error' }
  /** The call takes effect, but its answer is lost. */
  | { readonly kind: 'lostAnswer' }
  /** The client stops waiting, and the call takes effect later. */
  | { readonly kind: 'lateLanding'; readonly afterMs: number };

/** Faults by the number of the call. */
export type LedgerFaults = readonly { readonly nth: number; readonly fault: LedgerFault }[];

const CALL_DURATION = 40;

/** The parameters of an account that record launches. */
export class Parameters {
  private readonly values = new Map<string, string>();
  /** How many calls have failed so far. */
  public faultCount = 0;
  private calls = 0;

  public constructor(private readonly clock: VirtualClock, private readonly faults: LedgerFaults = []) {}

  /** Returns all parameters by name. */
  public all(): ReadonlyMap<string, string> {
    return this.values;
  }

  /** Returns a ledger of the parameters under a path. Launches are stored as text, as in Parameter Store. */
  public ledger(path: string, beforeCall: (action: string, name: string) => Promise<void>): Ledger {
    const keyOf = ({ name }: Launch) => `${path}/${name}`;
    const put = (launch: Launch) => this.values.set(keyOf(launch), JSON.stringify(launch));
    const call = async <T>(action: string, name: string, effect: () => T) => {
      await beforeCall(action, name);
      return this.call(effect);
    };
    const all = () => [...this.values].filter(([key]) => key.startsWith(`${path}/`)).map(([, value]) => JSON.parse(value) as Launch);
    return {
      launches: async () => call('GetParametersByPath', path, all),
      record: async launch => call('PutParameter', keyOf(launch), () => {
        if (this.values.has(keyOf(launch))) return false;
        put(launch);
        return true;
      }),
      write: async launch => { await call('PutParameter', keyOf(launch), () => put(launch)); },
      forget: async launch => { await call('DeleteParameter', keyOf(launch), () => this.values.delete(keyOf(launch))); },
    };
  }

  /** Writes a record as a stranger who may write parameters. @returns the name of the parameter. */
  public forge(path: string, launch: Launch): string {
    const key = `${path}/${launch.name}`;
    this.values.set(key, JSON.stringify(launch));
    return key;
  }

  private async call<T>(effect: () => T): Promise<T> {
    const nth = this.calls++;
    const fault = this.faults.find(planned => planned.nth === nth)?.fault;
    await this.clock.sleep(CALL_DURATION);
    if (fault === undefined) return effect();
    this.faultCount++;
    if (fault.kind === 'lostAnswer') effect();
    if (fault.kind === 'lateLanding') this.clock.after(fault.afterMs, effect);
    throw Object.assign(new Error('Parameter Store does not answer'), { name: 'InternalServerError' });
  }
}
