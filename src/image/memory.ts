import { Size, SizeRoundingBehavior, Tokenization } from 'aws-cdk-lib';
import { ValidationError } from '../private/errors';

/** In MiB: service facts 5. */
const TIERS = [512, 1024, 2048, 4096, 8192];

/**
 * The memory of a MicroVM, and with it its share of processors and its disk.
 *
 * The value is the baseline, which is always there and billed. A MicroVM may use up to four times as much, and the account's
 * quota for allocated memory (`L-CD1C0CC4`, lower in new accounts) counts that peak for each MicroVM that runs.
 *
 * @example
 * import type { Stack } from 'aws-cdk-lib';
 * import { MicrovmCode, MicrovmImage, MicrovmMemory } from 'cdk-lambda-microvms';
 *
 * declare const stack: Stack;
 *
 * new MicrovmImage(stack, 'Sandbox', { code: MicrovmCode.fromDirectory('sandbox'), memory: MicrovmMemory.GIB_4 });
 */
export class MicrovmMemory {
  /**
   * 512 MiB, 0.25 vCPU and an 8 GB disk; up to 2 GiB and 1 vCPU, of which 2 GiB count to the quota.
   */
  public static readonly MIB_512 = new MicrovmMemory(Size.mebibytes(512));

  /**
   * 1 GiB, 0.5 vCPU and an 8 GB disk; up to 4 GiB and 2 vCPU, of which 4 GiB count to the quota.
   */
  public static readonly GIB_1 = new MicrovmMemory(Size.mebibytes(1024));

  /**
   * 2 GiB, 1 vCPU and an 8 GB disk; up to 8 GiB and 4 vCPU, of which 8 GiB count to the quota.
   */
  public static readonly GIB_2 = new MicrovmMemory(Size.mebibytes(2048));

  /**
   * 4 GiB, 2 vCPU and a 16 GB disk; up to 16 GiB and 8 vCPU, of which 16 GiB count to the quota.
   */
  public static readonly GIB_4 = new MicrovmMemory(Size.mebibytes(4096));

  /**
   * 8 GiB, 4 vCPU and a 32 GB disk; up to 32 GiB and 16 vCPU, of which 32 GiB count to the quota.
   */
  public static readonly GIB_8 = new MicrovmMemory(Size.mebibytes(8192));

  /**
   * The tier of a size.
   *
   * @param size 512, 1024, 2048, 4096 or 8192 MiB; the service has no other.
   */
  public static of(size: Size): MicrovmMemory {
    if (size.isUnresolved()) return new MicrovmMemory(size);
    const mebibytes = size.toMebibytes({ rounding: SizeRoundingBehavior.NONE });
    if (!TIERS.includes(mebibytes)) {
      throw new ValidationError('MicrovmMemoryInvalid',
        `memory: ${mebibytes} MiB is not a size that the service has; use ${TIERS.slice(0, -1).join(', ')} or ${TIERS.at(-1)} MiB`);
    }
    return new MicrovmMemory(size);
  }

  private constructor(
    /**
     * The baseline.
     */
    public readonly size: Size,
  ) {}

  /** @internal */
  public _mebibytes(): string {
    return Tokenization.stringifyNumber(this.size.toMebibytes());
  }
}
