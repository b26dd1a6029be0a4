import type { DesiredImage } from './desired';
import { desiredImage } from './desired';
import { hintsFor, propertyOf } from './hints';
import type { ImageChange, ImageSituation, ImageStep, SeenImages } from './input';
import type { FailedBuilds, ImageLook, ObservedImage } from './observed';
import { reconcile } from './reconcile';
import { buildRequest } from './request';
import type { BaseImageService, BuildRequest, MicrovmImageService } from './service';
import type { MicrovmImageProperties } from '../../contract/image';
import { ServicesByRole } from '../engine/clients-by-role';
import { confirmAbsence } from '../engine/confirm-absence';
import type { Clock } from '../engine/control-plane';
import { LastingError, nameOf, sortOf, wordsOf } from '../engine/errors';
import type { PollEvent, ResourceEvent } from '../engine/event';
import type { Operation } from '../engine/operation';
import { POLL_INTERVAL } from '../engine/operation';
import { ownerTags } from '../engine/owner';
import type { Reconciled } from '../engine/poll';
import { ask } from '../engine/rejections';

/** What the handler of an image needs of the world. */
export interface ImageWorld {
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly baseImages: BaseImageService;
  /** The service as the role of one resource may use it. */
  readonly images: (roleArn: string, sessionName: string) => Promise<MicrovmImageService>;
}

/** An answer older than the operation by more than the clocks may differ is a replay of an earlier request. */
const CLOCK_DIFFERENCE = 60_000;

/** An id of our form names the image; any other is one that CloudFormation or the framework invented. */
const IMAGE_ARN = /^arn:[^:]+:lambda:[^:]+:[^:]+:microvm-image:[^:]+$/;

/** The physical id of an image's resource is its ARN. */
export function imagePhysicalId(event: ResourceEvent<MicrovmImageProperties>): string {
  return event.RequestType === 'Delete' ? event.PhysicalResourceId! : event.ResourceProperties.ImageArn;
}

/** What is looked up once, so that all polls of an operation ask for the same build. */
export async function resolveImage(event: ResourceEvent<MicrovmImageProperties>, world: ImageWorld): Promise<Record<string, string> | undefined> {
  const { BaseImageArn: arn, BaseImageVersion: pin } = event.ResourceProperties;
  if (event.RequestType === 'Delete' || pin !== undefined) return undefined;
  const { newest, available } = await world.baseImages.baseImage(arn);
  return newest === undefined ? undefined : { newestBaseImage: newest, availableBaseImages: available.join(' ') };
}

export class MicrovmImageResource implements Reconciled<SeenImages, ImageLook, ImageChange> {
  public readonly nothingSeen: SeenImages;
  public readonly secrets: string[];
  private readonly properties: MicrovmImageProperties;
  private readonly desired: DesiredImage;
  private readonly previous?: DesiredImage;
  private readonly services: ServicesByRole<MicrovmImageService>;

  public constructor(
    private readonly event: PollEvent<MicrovmImageProperties>, public readonly operation: Operation, private readonly world: ImageWorld,
  ) {
    const { ResourceProperties: properties, OldResourceProperties: old } = event;
    const desired = desiredImage(event, properties);
    const deletesAnother = event.RequestType === 'Delete' && IMAGE_ARN.test(event.PhysicalResourceId);
    this.properties = properties;
    this.desired = deletesAnother ? { ...desired, arn: event.PhysicalResourceId, name: event.PhysicalResourceId.split(':').pop()! } : desired;
    this.previous = old && desiredImage(event, old);
    const roles = { ...(old ? { [old.ImageArn]: old.ResourceRoleArn } : {}), [this.desired.arn]: properties.ResourceRoleArn };
    this.services = new ServicesByRole(async roleArn => world.images(roleArn, event.LogicalResourceId), roles, properties.ResourceRoleArn);
    this.secrets = [...Object.values(properties.Environment ?? {}), ...Object.values(old?.Environment ?? {})];

    const { newestBaseImage, availableBaseImages } = event.Operation.Resolved ?? {};
    this.nothingSeen = {
      images: {},
      baseImage: newestBaseImage === undefined ? undefined : { newest: newestBaseImage, available: availableBaseImages.split(' ') },
    };
  }

  public reconcile(seen: SeenImages): ImageStep {
    const situation: ImageSituation = {
      operation: this.operation, desired: this.desired, previous: this.previous, requestPhysicalId: this.event.Operation.RequestPhysicalId, seen,
    };
    return reconcile(situation);
  }

  public async look(look: ImageLook, seen: SeenImages): Promise<SeenImages> {
    if (look.at === 'baseImage') return { ...seen, baseImage: await this.lookForBaseImage() };
    const service = await this.services.for(look.arn);
    return { ...seen, images: { ...seen.images, [look.arn]: { ...seen.images[look.arn], ...await this.lookAt(service, look) } } };
  }

  private async lookAt(service: MicrovmImageService, look: Exclude<ImageLook, { at: 'baseImage' }>): Promise<ObservedImage> {
    switch (look.at) {
      case 'image': {
        const once = async () => service.image(look.arn);
        return { image: look.confirmAbsence ? await confirmAbsence(once, this.world.clock) : await once() };
      }
      case 'versions': return { versions: await service.versions(look.arn) };
      case 'microvms': return { microvms: await service.microvms(look.arn) };
      case 'builds': return { builds: await this.lookAtBuilds(service, look.arn, look.version) };
    }
  }

  private async lookForBaseImage(): ReturnType<BaseImageService['baseImage']> {
    try {
      return await this.world.baseImages.baseImage(this.properties.BaseImageArn);
    } catch (error) {
      if (sortOf(error) === 'notFound') {
        throw new LastingError('MicrovmBaseImageUnavailable', `baseImage: there is no managed image ${this.properties.BaseImageArn}; use another one`);
      }
      throw error;
    }
  }

  private async lookAtBuilds(service: MicrovmImageService, arn: string, version: string): Promise<FailedBuilds> {
    const builds = await service.failedBuilds(arn, version);
    const { LogGroupName: logGroup, ShowBuildLogInErrors: logInErrors } = this.properties;
    if (!logGroup) return { builds, log: [], whole: 'logging is disabled for this image' };
    const whole = `the whole log is in the log group ${logGroup}`;
    if (logInErrors !== 'true') return { builds, log: [], whole };
    try {
      const { lines, streams } = await service.buildLog(logGroup, version);
      return { builds, log: lines, whole: streams.length > 0 ? `${whole}, streams ${streams.join(', ')}` : whole };
    } catch {
      // The reasons are worth more than the log: a log that cannot be read does not keep them back.
      return { builds, log: [], whole };
    }
  }

  public async act(change: ImageChange): Promise<void> {
    const service = await this.services.for(change.arn);
    switch (change.do) {
      case 'create': return this.ask(() => this.create(service, change.baseImageVersion));
      case 'build': return this.ask(() => this.build(service, change.arn, change.baseImageVersion, change.listed));
      case 'tag': return this.ask(() => service.tag(change.arn, change.tags));
      case 'untag': return this.ask(() => service.untag(change.arn, change.keys));
      case 'activate': return service.setStatus(change.arn, change.version, 'ACTIVE');
      case 'deactivate': return service.setStatus(change.arn, change.version, 'INACTIVE');
      case 'deleteVersion': return service.deleteVersion(change.arn, change.version);
      case 'deleteImage': return service.deleteImage(change.arn);
      case 'terminate': return void await Promise.all(change.microvmIds.map(id => service.terminate(id)));
    }
  }

  private async create(service: MicrovmImageService, baseImageVersion: string): Promise<void> {
    const { operation, desired } = this;
    const request = { ...this.request(baseImageVersion), name: desired.name, tags: { ...desired.tags, ...ownerTags(desired.owner) } };
    const { createdAt } = await service.create(request, operation.clientToken).catch((error: unknown) => {
      // Nothing else that a request to create names can be missing.
      if (sortOf(error) === 'notFound') {
        throw new LastingError('MicrovmBaseImageUnavailable', `baseImage: ${wordsOf(error)}; leave its version out, or use one that is there`);
      }
      throw error;
    });
    if (createdAt < operation.startedAt - CLOCK_DIFFERENCE) await service.create(request, operation.secondClientToken);
  }

  private async build(service: MicrovmImageService, arn: string, baseImageVersion: string, listed: string[]): Promise<void> {
    const request = this.request(baseImageVersion);
    const { version } = await service.build(arn, request, this.operation.clientToken);
    // Version numbers only grow: a number below a listed one that is not listed itself is of a version deleted since.
    const deletedSince = !listed.includes(version) && listed.some(other => Number(other) > Number(version));
    if (deletedSince) await service.build(arn, request, this.operation.secondClientToken);
  }

  private request(baseImageVersion: string): BuildRequest {
    return buildRequest(this.properties, baseImageVersion, { fingerprint: this.desired.fingerprint, operation: this.operation.mark });
  }

  private async ask(call: () => Promise<void>): Promise<void> {
    try {
      await ask(call, this.operation, { code: 'MicrovmImageRefused', mayPass: words => this.mayPass(words), tell: words => this.refusal(words) });
    } catch (error) {
      // Builds beyond the quota wait their turn: a random pause keeps resources that poll in step from starving each other.
      if (nameOf(error) === 'ServiceQuotaExceededException') await this.world.clock.sleep(this.world.random() * POLL_INTERVAL);
      throw error;
    }
  }

  /**
   * A name just freed or taken by this very operation, an image in motion, and a role not known everywhere yet are answered as invalid too;
   * and so is a client token that a second waiter of this operation used, which resolved another base image: its build counts.
   */
  private mayPass(words: string): boolean {
    return /already exists|current state|already in state|client ?token|idempoten/i.test(words) || (this.operation.rolesMayBeFresh && /assume/i.test(words));
  }

  private refusal(words: string): string {
    const property = propertyOf(words);
    return [`${property ? `${property}: ` : ''}the service refuses microvm image '${this.desired.name}': ${words}`, ...hintsFor(words)].join('\n');
  }
}
