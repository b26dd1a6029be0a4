import type { OutputLogEvent } from '@aws-sdk/client-cloudwatch-logs';
import { CloudWatchLogsClient, DescribeLogStreamsCommand, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { CreateMicrovmImageRequest, MicrovmImageVersionStatus, MicrovmItem } from '@aws-sdk/client-lambda-microvms';
import {
  CreateMicrovmImageCommand, DeleteMicrovmImageCommand, DeleteMicrovmImageVersionCommand, GetMicrovmImageCommand, LambdaMicrovmsClient,
  ListManagedMicrovmImageVersionsCommand, ListMicrovmImageBuildsCommand, ListMicrovmImageVersionsCommand, ListMicrovmsCommand,
  ListTagsCommand, TagResourceCommand, TerminateMicrovmCommand, UntagResourceCommand, UpdateMicrovmImageCommand, UpdateMicrovmImageVersionCommand,
} from '@aws-sdk/client-lambda-microvms';
import { markerOf } from './marker';
import type { BaseImage, FailedBuild, Image, Microvm, Microvms, Version } from './observed';
import type { BuildRequest } from './request';
import { sourceOf } from './source';
import { answerTo } from '../engine/answer-body';
import type { CallLimits } from '../engine/calls';
import { CLIENT_SETTINGS } from '../engine/calls';
import type { RoleAssumer } from '../engine/control-plane';
import { classify } from '../engine/errors';
import { FETCHED_LINES } from '../engine/log-end';
import type { Tags } from '../engine/owner';
import { allPages, pagesInTime } from '../engine/pages';
import { withMembers, withOverrides } from '../engine/request-body';

export type CreateRequest = BuildRequest & Pick<CreateMicrovmImageRequest, 'name' | 'tags'>;

/** The calls that the handler makes with the resource role of an image. */
export interface MicrovmImageService {
  image(arn: string): Promise<Image | 'absent'>;
  tags(arn: string): Promise<Tags>;
  versions(arn: string): Promise<Version[]>;
  /** Returns those that have not terminated. Reads pages until enough is found, or the poll has no time left. */
  microvms(imageArn: string, isEnough: (found: readonly Microvm[]) => boolean): Promise<Microvms>;
  failedBuilds(arn: string, version: string): Promise<FailedBuild[]>;
  /** Reads the streams that were created since a time. */
  buildLog(logGroup: string, version: string, since: number): Promise<BuildLog>;
  /** `overrides` is the property `RequestOverrides`. */
  create(request: CreateRequest, clientToken: string, overrides?: string): Promise<{ readonly createdAt: number }>;
  build(arn: string, request: BuildRequest, clientToken: string, overrides?: string): Promise<{ readonly version: string }>;
  setStatus(arn: string, version: string, status: MicrovmImageVersionStatus): Promise<void>;
  deleteVersion(arn: string, version: string): Promise<void>;
  deleteImage(arn: string): Promise<void>;
  terminate(microvmId: string): Promise<void>;
  tag(arn: string, tags: Record<string, string>): Promise<void>;
  untag(arn: string, keys: string[]): Promise<void>;
}

export interface BuildLog {
  /** The last lines. */
  readonly lines: string[];
  readonly streams: string[];
}

/** Public facts about the images that AWS manages. */
export interface BaseImageService {
  baseImage(arn: string, architectures: readonly string[]): Promise<BaseImage>;
}

/** The largest page of every list. */
const PAGE_SIZE = 50;

const LOG_STREAMS = 3;

export class BaseImageClient implements BaseImageService {
  public constructor(private readonly client: LambdaMicrovmsClient, private readonly limits: CallLimits) {}

  public async baseImage(arn: string, architectures: readonly string[]): Promise<BaseImage> {
    const items = await allPages(async nextToken => {
      const command = new ListManagedMicrovmImageVersionsCommand({ imageIdentifier: arn, maxResults: PAGE_SIZE, nextToken });
      const answer = answerTo<BaseVersions>(command);
      await this.client.send(command, this.limits.options());
      return answer();
    });
    const versions = items.map(item => ({ number: integerOf(item.imageVersion), obstacle: obstacleOf(item, architectures) }));
    const available = versions.filter(({ obstacle }) => obstacle === undefined).map(({ number }) => number);
    const unavailable = versions.flatMap(({ number, obstacle }) => obstacle === undefined ? [] : [`${number} ${obstacle}`]);
    return { available, newest: [...available].sort((a, b) => Number(b) - Number(a))[0], unavailable };
  }
}

/** Answers of ListManagedMicrovmImageVersions, with the member that the installed client drops. */
interface BaseVersions {
  readonly items: BaseVersion[] | undefined;
  readonly nextToken?: string | null;
}

interface BaseVersion {
  readonly imageVersion: string;
  readonly status?: string | null;
  readonly supportedCpuConfigurations?: { readonly architecture: string }[] | null;
}

/** Requests take the integer part only (service-facts.md, 1.1). */
function integerOf(version: string): string {
  return String(Math.trunc(Number(version)));
}

/**
 * Returns why builds cannot use a version, and undefined if they can.
 *
 * Some Regions show no status (service-facts.md, 5). A version that lists no processors is for ARM.
 */
function obstacleOf({ status, supportedCpuConfigurations }: BaseVersion, architectures: readonly string[]): string | undefined {
  if ((status ?? 'AVAILABLE') !== 'AVAILABLE') return `is ${status}`;
  const supported = supportedCpuConfigurations?.length ? supportedCpuConfigurations.map(({ architecture }) => architecture) : ['ARM_64'];
  return architectures.every(architecture => supported.includes(architecture)) ? undefined : `supports ${supported.join(' and ')} only`;
}

export class MicrovmImageClient implements MicrovmImageService {
  public constructor(
    private readonly client: LambdaMicrovmsClient, private readonly logs: CloudWatchLogsClient, private readonly limits: CallLimits,
  ) {}

  public async image(arn: string): Promise<Image | 'absent'> {
    try {
      const image = await this.client.send(new GetMicrovmImageCommand({ imageIdentifier: arn }), this.limits.options());
      return { state: image.state!, tags: image.tags ?? {}, createdAt: image.createdAt!.getTime(), updatedAt: image.updatedAt?.getTime() };
    } catch (error) {
      if (classify(error) === 'notFound') return 'absent';
      throw error;
    }
  }

  public async tags(arn: string): Promise<Tags> {
    const { Tags: tags } = await this.client.send(new ListTagsCommand({ Resource: arn }), this.limits.options());
    return tags ?? {};
  }

  public async versions(arn: string): Promise<Version[]> {
    const items = await allPages(async nextToken =>
      this.client.send(new ListMicrovmImageVersionsCommand({ imageIdentifier: arn, maxResults: PAGE_SIZE, nextToken }), this.limits.options()));
    return items.filter(item => item.state !== 'DELETED').map(item => ({
      version: item.imageVersion!,
      state: item.state!,
      active: item.status === 'ACTIVE',
      marker: markerOf(item.description),
      source: sourceOf(item),
      baseImageVersion: item.baseImageVersion ?? '',
      createdAt: item.createdAt?.getTime(),
      updatedAt: item.updatedAt?.getTime(),
    }));
  }

  public async microvms(imageArn: string, isEnough: (found: readonly Microvm[]) => boolean): Promise<Microvms> {
    try {
      return await pagesInTime(async nextToken => {
        const page = await this.client.send(
          new ListMicrovmsCommand({ imageIdentifier: imageArn, maxResults: PAGE_SIZE, nextToken }), this.limits.options());
        return { items: microvmsOf(imageArn, page.items ?? []), nextToken: page.nextToken };
      }, isEnough);
    } catch (error) {
      if (classify(error) === 'notFound') return { found: [], areAll: true };
      throw error;
    }
  }

  public async failedBuilds(arn: string, version: string): Promise<FailedBuild[]> {
    const items = await allPages(async nextToken => this.client.send(
      new ListMicrovmImageBuildsCommand({ imageIdentifier: arn, imageVersion: version, maxResults: PAGE_SIZE, nextToken }), this.limits.options()));
    return items
      .filter(item => item.buildState === 'FAILED')
      .map(item => ({ processor: processorOf(item.chipset, item.chipsetGeneration), reason: item.stateReason ?? 'the service gave no reason' }));
  }

  public async buildLog(logGroup: string, version: string, since: number): Promise<BuildLog> {
    const { logStreams = [] } = await this.logs.send(
      new DescribeLogStreamsCommand({ logGroupName: logGroup, orderBy: 'LastEventTime', descending: true }), this.limits.options());
    // The name of a log stream contains the version in brackets (service-facts.md, 5), but not the image. An older
    // stream with the same version belongs to another image, or to an image that had this name before.
    const streams = logStreams
      .filter(({ creationTime }) => creationTime !== undefined && creationTime >= since)
      .map(stream => stream.logStreamName!)
      .filter(name => name.includes(`[${version}]`) || name.includes(`[${Number(version)}]`));
    const events: OutputLogEvent[] = [];
    for (const logStreamName of streams.slice(0, LOG_STREAMS)) {
      const command = new GetLogEventsCommand({ logGroupName: logGroup, logStreamName, limit: FETCHED_LINES });
      const page = await this.logs.send(command, this.limits.options());
      events.push(...page.events ?? []);
    }
    const lines = events.sort((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0)).map(event => event.message?.trimEnd() ?? '');
    // The builds for the chipset generations print almost the same lines.
    return { lines: lines.filter((line, index) => lines.lastIndexOf(line) === index).slice(-FETCHED_LINES), streams };
  }

  public async create({ kmsKeyIdentifier, ...request }: CreateRequest, clientToken: string, overrides?: string): Promise<{ createdAt: number }> {
    const command = withMembers(new CreateMicrovmImageCommand({ ...request, clientToken }), { kmsKeyIdentifier });
    const image = await this.client.send(withOverrides(command, overrides), this.limits.options());
    return { createdAt: image.createdAt!.getTime() };
  }

  public async build(
    arn: string, { kmsKeyIdentifier, ...request }: BuildRequest, clientToken: string, overrides?: string,
  ): Promise<{ version: string }> {
    const command = withMembers(new UpdateMicrovmImageCommand({ ...request, imageIdentifier: arn, clientToken }), { kmsKeyIdentifier });
    const image = await this.client.send(withOverrides(command, overrides), this.limits.options());
    return { version: image.imageVersion! };
  }

  public async setStatus(arn: string, version: string, status: MicrovmImageVersionStatus): Promise<void> {
    await this.client.send(new UpdateMicrovmImageVersionCommand({ imageIdentifier: arn, imageVersion: version, status }), this.limits.options());
  }

  public async deleteVersion(arn: string, version: string): Promise<void> {
    await this.client.send(new DeleteMicrovmImageVersionCommand({ imageIdentifier: arn, imageVersion: version }), this.limits.options());
  }

  public async deleteImage(arn: string): Promise<void> {
    await this.client.send(new DeleteMicrovmImageCommand({ imageIdentifier: arn }), this.limits.options());
  }

  public async terminate(microvmId: string): Promise<void> {
    await this.client.send(new TerminateMicrovmCommand({ microvmIdentifier: microvmId }), this.limits.options());
  }

  public async tag(arn: string, tags: Record<string, string>): Promise<void> {
    await this.client.send(new TagResourceCommand({ Resource: arn, Tags: tags }), this.limits.options());
  }

  public async untag(arn: string, keys: string[]): Promise<void> {
    await this.client.send(new UntagResourceCommand({ Resource: arn, TagKeys: keys }), this.limits.options());
  }
}

/**
 * Returns the MicroVMs of an image that have not terminated.
 *
 * The service filters by image. A row is checked nevertheless, because a deployment may terminate what the list shows.
 * The ARN in a row may end with a version.
 */
function microvmsOf(imageArn: string, rows: readonly MicrovmItem[]): Microvm[] {
  return rows
    .filter(row => row.state !== 'TERMINATED' && (row.imageArn === imageArn || row.imageArn?.startsWith(`${imageArn}:`)))
    .map(row => ({ id: row.microvmId!, state: row.state as Microvm['state'], imageVersion: row.imageVersion! }));
}

/** Returns for example `Graviton 4` for GRAVITON and 4. */
function processorOf(chipset = 'GRAVITON', generation = ''): string {
  return `${chipset[0]}${chipset.slice(1).toLowerCase()} ${generation}`.trimEnd();
}

const ownRole = new LambdaMicrovmsClient(CLIENT_SETTINGS);

/** Creates clients that read base images with the function role, and an image with its resource role. */
export function imageServices(assumeRole: RoleAssumer, limits: CallLimits): {
  baseImages: BaseImageService;
  images: (roleArn: string, sessionName: string) => Promise<MicrovmImageService>;
} {
  return {
    baseImages: new BaseImageClient(ownRole, limits),
    images: async (roleArn, sessionName) => {
      const settings = { ...CLIENT_SETTINGS, credentials: await assumeRole(roleArn, sessionName) };
      return new MicrovmImageClient(new LambdaMicrovmsClient(settings), new CloudWatchLogsClient(settings), limits);
    },
  };
}
