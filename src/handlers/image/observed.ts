import type { Marker } from './request';

/** What has been looked at so far of an image, at one ARN; absent members have not been looked at. */
export interface ObservedImage {
  readonly image?: Image | 'absent';
  readonly versions?: Version[];
  /** Those that have not terminated. */
  readonly microvms?: Microvm[];
  /** Of the version that this operation built without success. */
  readonly builds?: FailedBuilds;
}

/** What can be looked at. */
export type ImageLook =
  | { readonly at: 'baseImage' }
  /** With `confirmAbsence` a missing image is looked for until that cannot be a delay of the service. */
  | { readonly at: 'image'; readonly arn: string; readonly confirmAbsence: boolean }
  | { readonly at: 'versions' | 'microvms'; readonly arn: string }
  | { readonly at: 'builds'; readonly arn: string; readonly version: string };

export interface Image {
  readonly state: ImageState;
  readonly tags: Record<string, string>;
  /** In milliseconds. */
  readonly createdAt: number;
}

export type ImageState = 'CREATING' | 'CREATED' | 'CREATE_FAILED' | 'UPDATING' | 'UPDATED' | 'UPDATE_FAILED' | 'DELETING' | 'DELETE_FAILED' | 'DELETED';

export interface Version {
  readonly version: string;
  readonly state: 'PENDING' | 'IN_PROGRESS' | 'SUCCESSFUL' | 'FAILED' | 'DELETING' | 'DELETED' | 'DELETE_FAILED';
  readonly active: boolean;
  readonly marker?: Marker;
  readonly baseImageVersion: string;
  /** In milliseconds; of the last change of state, if the service tells. */
  readonly updatedAt?: number;
}

export interface Microvm {
  readonly id: string;
  readonly state: 'PENDING' | 'RUNNING' | 'SUSPENDING' | 'SUSPENDED' | 'TERMINATING';
  readonly imageVersion: string;
}

export interface FailedBuilds {
  readonly builds: { readonly generation: string; readonly reason: string }[];
  /** The last lines of the log. */
  readonly log: string[];
  /** Where the whole log is. */
  readonly whole: string;
}

/** The versions of the managed base image, newest first. */
export interface BaseImage {
  readonly newest?: string;
  readonly available: string[];
}
