import type { Marker } from './marker';

/** What has been observed of one image so far. Absent members have not been observed. */
export interface ObservedImage {
  readonly image?: Image | 'absent';
  readonly versions?: Version[];
  /** Those that have not terminated. */
  readonly microvms?: Microvm[];
  /** The failed builds of the version that this operation requested. */
  readonly builds?: FailedBuilds;
}

/** What to observe. */
export type ImageObservation =
  | { readonly at: 'baseImage' }
  /** With `confirmAbsence`, a missing image is observed again, because the service may show it late. */
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
  /** Time of the last change of state in milliseconds, if the service shows it. */
  readonly updatedAt?: number;
}

export interface Microvm {
  readonly id: string;
  readonly state: 'PENDING' | 'RUNNING' | 'SUSPENDING' | 'SUSPENDED' | 'TERMINATING';
  readonly imageVersion: string;
}

export interface FailedBuilds {
  readonly builds: { readonly generation: string; readonly reason: string }[];
  /** The last lines of the build log. */
  readonly log: string[];
  /** Where to read the whole log. */
  readonly whole: string;
}

/** The versions of the managed base image, newest first. */
export interface BaseImage {
  readonly newest?: string;
  readonly available: string[];
}
