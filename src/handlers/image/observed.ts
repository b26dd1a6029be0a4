import type { Marker } from './marker';
import type { Source } from './source';
import type { Tags } from '../engine/owner';

/** What has been observed of one image so far. Absent members have not been observed. */
export interface ObservedImage {
  readonly image?: Image | 'absent';
  /** The tags that ListTags shows, observed only if the image shows no owner tags. */
  readonly tags?: Tags;
  readonly versions?: Version[];
  readonly microvms?: Microvms;
  /** The failed builds of the version that this operation requested. */
  readonly builds?: FailedBuilds;
}

/** What to observe. */
export type ImageObservation =
  | { readonly at: 'baseImage' }
  /** With `confirmAbsence`, a missing image is observed again, because the service may show it late. */
  | { readonly at: 'image'; readonly arn: string; readonly confirmAbsence: boolean }
  | { readonly at: 'tags' | 'versions'; readonly arn: string }
  /** The list ends early once this many MicroVMs are found that are not terminating. Absent: all matter. */
  | { readonly at: 'microvms'; readonly arn: string; readonly enough?: number }
  /** `since`: when the version was created, or when this operation began. */
  | { readonly at: 'builds'; readonly arn: string; readonly version: string; readonly since: number };

export interface Image {
  readonly state: ImageState;
  readonly tags: Record<string, string>;
  /** In milliseconds. */
  readonly createdAt: number;
  /** Time of the last change in milliseconds, if the service shows it. */
  readonly updatedAt?: number;
}

export type ImageState = 'CREATING' | 'CREATED' | 'CREATE_FAILED' | 'UPDATING' | 'UPDATED' | 'UPDATE_FAILED' | 'DELETING' | 'DELETE_FAILED' | 'DELETED';

export interface Version {
  readonly version: string;
  readonly state: 'PENDING' | 'IN_PROGRESS' | 'SUCCESSFUL' | 'FAILED' | 'DELETING' | 'DELETED' | 'DELETE_FAILED';
  readonly active: boolean;
  readonly marker?: Marker;
  /** What it was built from. Nobody can forge the build role without the permission to pass it. */
  readonly source: Source;
  readonly baseImageVersion: string;
  /** In milliseconds. */
  readonly createdAt?: number;
  /** Time of the last change of state in milliseconds, if the service shows it. */
  readonly updatedAt?: number;
}

/** The MicroVMs of an image. */
export interface Microvms {
  /** Those that have not terminated. */
  readonly found: Microvm[];
  /** Whether these are all. A list can be too long for a poll. */
  readonly areAll: boolean;
}

export interface Microvm {
  readonly id: string;
  readonly state: 'PENDING' | 'RUNNING' | 'SUSPENDING' | 'SUSPENDED' | 'TERMINATING';
  readonly imageVersion: string;
}

export interface FailedBuilds {
  readonly builds: FailedBuild[];
  /** The last lines of the build log. */
  readonly log: string[];
  /** Where to read the whole log. */
  readonly whole: string;
}

export interface FailedBuild {
  /** The processor that the build was for, for example `Graviton 4`. */
  readonly processor: string;
  readonly reason: string;
}

/** The versions of the managed base image. */
export interface BaseImage {
  /** The newest available version. */
  readonly newest?: string;
  /** The versions that builds may use: AVAILABLE, and for the architectures of the image. */
  readonly available: string[];
  /** The others, each with the reason, for example `2 is RECALLED`. */
  readonly unavailable?: string[];
}
