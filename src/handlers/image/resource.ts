import type { DesiredImage } from './desired';
import { desiredImage, identityOf, nameIn } from './desired';
import { IMAGE_HINTS, propertyOf } from './hints';
import type { ImageChange, ImageReconcileInput, ImageStep, ObservedImages } from './input';
import { listCommand, livingIds, TERMINATE_COMMAND } from './microvms';
import type { FailedBuilds, ImageObservation, Microvm, ObservedImage } from './observed';
import { completed } from './properties';
import type { CompleteProperties } from './properties';
import { reconcile } from './reconcile';
import type { BuildRequest } from './request';
import { architecturesOf, buildRequest } from './request';
import type { BaseImageService, MicrovmImageService } from './service';
import { newestFirst, sameVersion } from './versions';
import type { MicrovmImageProperties } from '../../contract/image';
import { MICROVM_IMAGE_ARN_PATTERN } from '../../contract/image';
import { ClientsByRole } from '../engine/clients-by-role';
import type { Clock } from '../engine/clock';
import { confirmAbsence } from '../engine/confirm-absence';
import { TerminalError, nameOf, classify, messageOf } from '../engine/errors';
import type { PollEvent, ResourceEvent } from '../engine/event';
import { hintsFor } from '../engine/hints';
import type { Operation } from '../engine/operation';
import { POLL_INTERVAL } from '../engine/operation';
import { ownerTags } from '../engine/owner';
import type { Reconciler } from '../engine/poll';
import type { Explanation } from '../engine/rejections';
import { submit } from '../engine/rejections';
import { applyOverrides } from '../engine/request-body';

/** What the handler of an image needs of the dependencies. */
export interface ImageDependencies {
  readonly clock: Clock;
  /** Returns a random number from 0 up to 1. */
  readonly random: () => number;
  readonly baseImages: BaseImageService;
  /** Creates a client that uses the role with this ARN. */
  readonly images: (roleArn: string, sessionName: string) => Promise<MicrovmImageService>;
}

/**
 * How much the clocks of the service and of the handler may differ.
 *
 * An answer that is older than the operation by more than this is the replay of an earlier request.
 */
const SERVICE_CLOCK_SKEW = 60_000;

/**
 * How long to list MicroVMs: for optional work, and for a decision. The same poll must have time left for the change
 * that follows.
 */
const OPTIONAL_LISTING = 20_000;
const DECISIVE_LISTING = 35_000;

/** How many versions one line of the log shows. */
const VERSIONS_IN_BRIEF = 5;

/** The physical ID is the ARN of the image. */
export function imagePhysicalId(event: ResourceEvent<MicrovmImageProperties>): string {
  return event.RequestType === 'Delete' ? event.PhysicalResourceId! : identityOf(event, event.ResourceProperties).arn;
}

/** Resolves the newest base image version once, so that all polls of an operation request the same build. */
export async function resolveImage(
  event: ResourceEvent<MicrovmImageProperties>, dependencies: ImageDependencies,
): Promise<Record<string, string> | undefined> {
  const { BaseImageArn: arn, BaseImageVersion: pin } = completed(event, event.ResourceProperties);
  if (event.RequestType === 'Delete' || pin !== undefined) return undefined;
  const { newest, available } = await dependencies.baseImages.baseImage(arn, architecturesOf(event.ResourceProperties));
  return newest === undefined ? undefined : { newestBaseImage: newest, availableBaseImages: available.join(' ') };
}

/** Returns the values of the environment, including those that an override of the request sets. */
function environmentOf({ Environment: environment, RequestOverrides: overrides }: MicrovmImageProperties): string[] {
  const request = applyOverrides({ environmentVariables: environment ?? {} }, overrides);
  return Object.values(request.environmentVariables ?? {}).map(value => typeof value === 'string' ? value : JSON.stringify(value));
}

type BuildsObservation = Extract<ImageObservation, { at: 'builds' }>;
type BuildChange = Extract<ImageChange, { do: 'build' }>;
type ImageDeletion = Extract<ImageChange, { do: 'deleteImage' }>;

export class MicrovmImageResource implements Reconciler<ObservedImages, ImageObservation, ImageChange> {
  public readonly nothingObserved: ObservedImages;
  public readonly secrets: string[];
  private readonly properties: CompleteProperties;
  private readonly desired: DesiredImage;
  private readonly previous?: DesiredImage;
  private readonly clients: ClientsByRole<MicrovmImageService>;

  public constructor(
    private readonly event: PollEvent<MicrovmImageProperties>, public readonly operation: Operation, private readonly dependencies: ImageDependencies,
  ) {
    const { ResourceProperties: delivered, OldResourceProperties: old } = event;
    const properties = completed(event, delivered);
    const desired = desiredImage(event, properties);
    // CloudFormation and the framework invent physical IDs that are not ARNs.
    const deletesByArn = event.RequestType === 'Delete' && MICROVM_IMAGE_ARN_PATTERN.test(event.PhysicalResourceId);
    this.properties = properties;
    this.desired = deletesByArn ? { ...desired, arn: event.PhysicalResourceId, name: nameIn(event.PhysicalResourceId) } : desired;
    this.previous = old && desiredImage(event, old);
    const roles = {
      ...(this.previous ? { [this.previous.arn]: old?.ResourceRoleArn ?? properties.ResourceRoleArn } : {}),
      [this.desired.arn]: properties.ResourceRoleArn,
    };
    this.clients = new ClientsByRole(async roleArn => dependencies.images(roleArn, event.LogicalResourceId), roles, properties.ResourceRoleArn);
    this.secrets = [...environmentOf(properties), ...old ? environmentOf(old) : []];

    const { newestBaseImage, availableBaseImages } = event.Operation.Resolved ?? {};
    this.nothingObserved = {
      images: {},
      baseImage: newestBaseImage === undefined ? undefined : { newest: newestBaseImage, available: availableBaseImages.split(' ') },
    };
  }

  public reconcile(observed: ObservedImages): ImageStep {
    const input: ImageReconcileInput = {
      operation: this.operation, desired: this.desired, previous: this.previous, requestPhysicalId: this.event.Operation.RequestPhysicalId, observed,
    };
    return reconcile(input);
  }

  /** Returns what was observed of the image in a few values that stay the same while nothing changes, for the log. */
  public inBrief({ images }: ObservedImages): Record<string, unknown> | undefined {
    const { image, versions, microvms } = images[this.desired.arn] ?? {};
    if (!image) return undefined;
    const newest = newestFirst(versions ?? []).map(({ version, state, active }) => `${version} ${active ? 'ACTIVE' : state}`);
    const others = newest.length > VERSIONS_IN_BRIEF ? [`and ${newest.length - VERSIONS_IN_BRIEF} more`] : [];
    return {
      image: image === 'absent' ? image : image.state,
      ...versions && { versions: [...newest.slice(0, VERSIONS_IN_BRIEF), ...others].join(', ') },
      ...microvms && { microvms: microvms.found.length },
    };
  }

  public async observe(what: ImageObservation, observed: ObservedImages): Promise<ObservedImages> {
    if (what.at === 'baseImage') return { ...observed, baseImage: await this.observeBaseImage() };
    const service = await this.clients.for(what.arn);
    return { ...observed, images: { ...observed.images, [what.arn]: { ...observed.images[what.arn], ...await this.observePart(service, what) } } };
  }

  private async observePart(service: MicrovmImageService, what: Exclude<ImageObservation, { at: 'baseImage' }>): Promise<ObservedImage> {
    switch (what.at) {
      case 'image': {
        const once = async () => service.image(what.arn);
        return { image: what.confirmAbsence ? await confirmAbsence(once, this.dependencies.clock, this.operation) : await once() };
      }
      case 'tags': return { tags: await service.tags(what.arn) };
      case 'versions': return { versions: await service.versions(what.arn) };
      case 'microvms': return { microvms: await service.microvms(what.arn, this.isEnough(what.enough)) };
      case 'builds': return { builds: await this.observeBuilds(service, what) };
    }
  }

  /** Without a number that is enough, the list serves optional work. */
  private isEnough(enough: number | undefined): (found: readonly Microvm[]) => boolean {
    const { clock } = this.dependencies;
    const end = clock.now() + (enough === undefined ? OPTIONAL_LISTING : DECISIVE_LISTING);
    return found => clock.now() >= end || livingIds(found).length >= (enough ?? Infinity);
  }

  private async observeBaseImage(): ReturnType<BaseImageService['baseImage']> {
    try {
      return await this.dependencies.baseImages.baseImage(this.properties.BaseImageArn, architecturesOf(this.properties));
    } catch (error) {
      if (classify(error) === 'notFound') {
        throw new TerminalError('MicrovmBaseImageUnavailable', `baseImage: the managed image ${this.properties.BaseImageArn} does not exist; use another one`);
      }
      throw error;
    }
  }

  private async observeBuilds(service: MicrovmImageService, { arn, version, since }: BuildsObservation): Promise<FailedBuilds> {
    const builds = await service.failedBuilds(arn, version);
    const { LogGroupName: logGroup, ShowBuildLogInErrors: logInErrors } = this.properties;
    if (!logGroup) return { builds, log: [], whole: 'logging is disabled for this image' };
    const kept = this.operation.type === 'Create' ? '; if the rollback deletes it, deploy with `cdk deploy --no-rollback` to keep it' : '';
    const place = `the whole log is in the log group ${logGroup}`;
    const whole = `${place}${kept}`;
    if (logInErrors !== 'true') return { builds, log: [], whole };
    try {
      const { lines, streams } = await service.buildLog(logGroup, version, since);
      return { builds, log: lines, whole: streams.length > 0 ? `${place}, streams ${streams.join(', ')}${kept}` : whole };
    } catch {
      // Show the reasons even if the log cannot be read.
      return { builds, log: [], whole };
    }
  }

  public async apply(change: ImageChange): Promise<void> {
    const service = await this.clients.for(change.arn);
    switch (change.do) {
      case 'create': return this.submit(() => this.create(service, change.baseImageVersion));
      case 'build': return this.submit(() => this.build(service, change));
      case 'tag': return this.submit(() => service.tag(change.arn, change.tags));
      case 'untag': return this.submit(() => service.untag(change.arn, change.keys));
      case 'activate': return service.setStatus(change.arn, change.version, 'ACTIVE');
      case 'deactivate': return service.setStatus(change.arn, change.version, 'INACTIVE');
      case 'deleteVersion': return service.deleteVersion(change.arn, change.version);
      case 'deleteImage': return this.deleteImage(service, change);
      case 'terminate': return void await Promise.all(change.microvmIds.map(id => service.terminate(id)));
    }
  }

  private async create(service: MicrovmImageService, baseImageVersion: string): Promise<void> {
    const { operation, desired, properties: { RequestOverrides: overrides } } = this;
    const request = { ...this.request(baseImageVersion), name: desired.name, tags: { ...desired.tags, ...ownerTags(desired.owner) } };
    const { createdAt } = await service.create(request, operation.clientToken, overrides).catch((error: unknown) => {
      // The request names nothing else that could be missing.
      if (classify(error) === 'notFound') {
        throw new TerminalError('MicrovmBaseImageUnavailable', `baseImage: ${messageOf(error)}; omit the version, or use one that exists`);
      }
      throw error;
    });
    if (createdAt < operation.startedAt - SERVICE_CLOCK_SKEW) await service.create(request, operation.secondClientToken, overrides);
  }

  private async build(service: MicrovmImageService, { arn, baseImageVersion, listed, isFull }: BuildChange): Promise<void> {
    const request = this.request(baseImageVersion);
    const { operation, properties: { RequestOverrides: overrides } } = this;
    const { version } = await service.build(arn, request, operation.clientToken, overrides).catch((error: unknown) => {
      throw isFull && nameOf(error) === 'ServiceQuotaExceededException' && !/concurrent/i.test(messageOf(error)) ? this.full(arn, listed, error) : error;
    });
    // Version numbers only grow. A lower number that is not listed belongs to a version that has been deleted since: a
    // replay.
    const deletedSince = !listed.some(other => sameVersion(other, version)) && listed.some(other => Number(other) > Number(version));
    if (deletedSince) await service.build(arn, request, operation.secondClientToken, overrides);
  }

  /** The rules have deleted the versions that may be deleted, so that no later poll finds room for another one. */
  private full(arn: string, listed: string[], error: unknown): TerminalError {
    const summary = `microvm image '${this.desired.name}' has ${listed.length} versions, and this deployment can delete none of them: `
      + `other tools built them, MicroVMs run from them, or they are retained; the service says: ${messageOf(error)}`;
    const deletion = `aws lambda-microvms delete-microvm-image-version --image-identifier ${arn} --image-version <VERSION>`;
    return new TerminalError('MicrovmImageVersionQuotaReached', summary, [{ text: `delete versions with '${deletion}', or increase the quota L-F8BECE9C` }]);
  }

  private async deleteImage(service: MicrovmImageService, { arn, isDecisive }: ImageDeletion): Promise<void> {
    await service.deleteImage(arn).catch((error: unknown) => {
      if (!isDecisive || classify(error) !== 'invalid' || !/running/i.test(messageOf(error))) throw error;
      const summary = `microvm image '${nameIn(arn)}' is in use, and the list of its MicroVMs is too long to find those that run; the service says: ${messageOf(error)}`;
      const advice = `list the MicroVMs with ${listCommand(arn)}, terminate those that run with ${TERMINATE_COMMAND}, and delete again`;
      throw new TerminalError('MicrovmImageInUse', summary, [{ text: advice }]);
    });
  }

  private request(baseImageVersion: string): BuildRequest {
    return buildRequest(this.properties, baseImageVersion, { fingerprint: this.desired.fingerprint, operationId: this.operation.id });
  }

  private async submit(call: () => Promise<void>): Promise<void> {
    try {
      await submit(call, this.operation, {
        code: 'MicrovmImageRejected',
        isTransient: message => this.isTransient(message),
        explain: message => this.explain(message),
      });
    } catch (error) {
      // Builds beyond the quota wait for a slot. A random pause prevents resources that poll in step from starving each
      // other.
      if (nameOf(error) === 'ServiceQuotaExceededException') await this.dependencies.clock.sleep(this.dependencies.random() * POLL_INTERVAL);
      throw error;
    }
  }

  /**
   * Whether a later request may succeed although the service called this one invalid.
   *
   * It does so for a name that was just released or taken by this operation, for an image in motion, for a role or a
   * permission on a key that IAM has not propagated, and for a client token that a second waiter of this operation used
   * with another base image.
   */
  private isTransient(message: string): boolean {
    return /already exists|current state|already in state|client ?token|idempoten/i.test(message)
      || (this.operation.rolesMayBeFresh && /assume|\bkms/i.test(message));
  }

  private explain(message: string): Explanation {
    const property = propertyOf(message);
    return {
      summary: `${property ? `${property}: ` : ''}the service rejected microvm image '${this.desired.name}': ${message}`,
      hints: hintsFor(message, IMAGE_HINTS),
    };
  }
}
