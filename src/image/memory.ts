import { Size, SizeRoundingBehavior, Tokenization } from 'aws-cdk-lib';
import { ValidationError } from '../private/errors';
import { checkArgument, instanceOf, SIZE } from '../private/property-types';

/** The sizes that the service offers, in MiB (service-facts.md, 5). */
const TIERS = [512, 1024, 2048, 4096, 8192];

/**
 * Memory of a MicroVM. The service derives the vCPUs and the size of the disk from it (service-facts.md, 5).
 *
 * The value is the baseline, which is always available and billed. A MicroVM can use up to four times its baseline, the
 * peak.
 *
 * The account has a quota for the memory of all MicroVMs (`L-CD1C0CC4`, only 8 GB in some new accounts). One report
 * says that each running MicroVM counts with its peak, others say with its baseline (service-facts.md, 11.3).
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
   * 512 MiB, 0.25 vCPU and an 8 GB disk. The peak is 2 GiB and 1 vCPU.
   */
  public static readonly MIB_512 = new MicrovmMemory(Size.mebibytes(512));

  /**
   * 1 GiB, 0.5 vCPU and an 8 GB disk. The peak is 4 GiB and 2 vCPU.
   */
  public static readonly GIB_1 = new MicrovmMemory(Size.mebibytes(1024));

  /**
   * 2 GiB, 1 vCPU and an 8 GB disk. The peak is 8 GiB and 4 vCPU.
   */
  public static readonly GIB_2 = new MicrovmMemory(Size.mebibytes(2048));

  /**
   * 4 GiB, 2 vCPU and a 16 GB disk. The peak is 16 GiB and 8 vCPU.
   */
  public static readonly GIB_4 = new MicrovmMemory(Size.mebibytes(4096));

  /**
   * 8 GiB, 4 vCPU and a 32 GB disk. The peak is 32 GiB and 16 vCPU.
   */
  public static readonly GIB_8 = new MicrovmMemory(Size.mebibytes(8192));

  /**
   * Returns the memory of a size.
   *
   * @param size 512, 1024, 2048, 4096 or 8192 MiB. The service rejects other sizes.
   */
  public static of(size: Size): MicrovmMemory {
    checkArgument('memory', size, SIZE);
    if (size.isUnresolved()) return new MicrovmMemory(size);
    const mebibytes = size.toMebibytes({ rounding: SizeRoundingBehavior.NONE });
    if (!TIERS.includes(mebibytes)) {
      throw new ValidationError('MicrovmMemoryInvalid',
        `memory: ${mebibytes} MiB is not a size that the service offers; use ${TIERS.slice(0, -1).join(', ')} or ${TIERS.at(-1)} MiB`);
    }
    return new MicrovmMemory(size);
  }

  private constructor(
    /**
     * The baseline, without the peak.
     */
    public readonly size: Size,
  ) {}

  /**
   * The baseline in MiB, as a string.
   *
   * @internal
   */
  public _mebibytes(): string {
    return Tokenization.stringifyNumber(this.size.toMebibytes());
  }
}

export const MEMORY = instanceOf('MicrovmMemory', MicrovmMemory, 'MicrovmMemory.GIB_2 or MicrovmMemory.of(size)');
