import type { DesiredImage } from './desired';
import type { BaseImage, ImageLook, ObservedImage } from './observed';
import type { Operation } from '../engine/operation';
import type { Step } from '../engine/step';

/** All that the rules decide from: plain data. */
export interface ImageSituation {
  readonly operation: Operation;
  readonly desired: DesiredImage;
  /** From the old properties of an update. */
  readonly previous?: DesiredImage;
  /** The physical id that CloudFormation knew when it sent the request. */
  readonly requestPhysicalId?: string;
  readonly seen: SeenImages;
}

export interface SeenImages {
  readonly baseImage?: BaseImage;
  /** By ARN. */
  readonly images: Readonly<Record<string, ObservedImage>>;
}

export type ImageChange =
  | { readonly do: 'create'; readonly arn: string; readonly baseImageVersion: string }
  /** The versions that are listed tell a fresh answer from one that the client token replays. */
  | { readonly do: 'build'; readonly arn: string; readonly baseImageVersion: string; readonly listed: string[] }
  | { readonly do: 'tag'; readonly arn: string; readonly tags: Record<string, string> }
  | { readonly do: 'untag'; readonly arn: string; readonly keys: string[] }
  | { readonly do: 'activate' | 'deactivate' | 'deleteVersion'; readonly arn: string; readonly version: string }
  | { readonly do: 'terminate'; readonly arn: string; readonly microvmIds: string[] }
  | { readonly do: 'deleteImage'; readonly arn: string };

export type ImageStep = Step<ImageLook, ImageChange>;
