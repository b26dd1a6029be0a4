import type { DesiredImage } from './desired';
import type { BaseImage, ImageObservation, ObservedImage } from './observed';
import type { Operation } from '../engine/operation';
import type { Step } from '../engine/step';

/** All that the rules decide from. This is plain data. */
export interface ImageReconcileInput {
  readonly operation: Operation;
  readonly desired: DesiredImage;
  /** The image that the old properties of an update describe. */
  readonly previous?: DesiredImage;
  /** The physical ID that CloudFormation had when it sent the request. */
  readonly requestPhysicalId?: string;
  readonly observed: ObservedImages;
}

export interface ObservedImages {
  readonly baseImage?: BaseImage;
  /** By ARN. */
  readonly images: Readonly<Record<string, ObservedImage>>;
}

export type ImageChange =
  | { readonly do: 'create'; readonly arn: string; readonly baseImageVersion: string }
  /**
   * The listed versions distinguish a new answer from a replay of the client token. `isFull`: the usual quota of
   * versions is reached.
   */
  | { readonly do: 'build'; readonly arn: string; readonly baseImageVersion: string; readonly listed: string[]; readonly isFull: boolean }
  | { readonly do: 'tag'; readonly arn: string; readonly tags: Record<string, string> }
  | { readonly do: 'untag'; readonly arn: string; readonly keys: string[] }
  | { readonly do: 'activate' | 'deactivate' | 'deleteVersion'; readonly arn: string; readonly version: string }
  | { readonly do: 'terminate'; readonly arn: string; readonly microvmIds: string[] }
  /** `isDecisive`: a rejection because MicroVMs run ends the operation. */
  | { readonly do: 'deleteImage'; readonly arn: string; readonly isDecisive: boolean };

export type ImageStep = Step<ImageObservation, ImageChange>;
