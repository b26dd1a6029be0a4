import { canonicalJson } from '../engine/fingerprint';
import { IAM_PROPAGATION } from '../engine/operation';

/**
 * A launch, as it is recorded before it is requested.
 *
 * MicroVMs have neither names nor tags. Only the record says which resource a MicroVM belongs to, and that a MicroVM
 * was requested whose ID never arrived.
 */
export interface Launch {
  /**
   * The client token of the request: that of the operation, followed by the number of the attempt unless it is the
   * first.
   */
  readonly name: string;
  /** Hash of all that decides how the MicroVM is launched. */
  readonly fingerprint: string;
  readonly request: LaunchRequest;
  /** The role that sent the request. */
  readonly roleArn: string;
  /** By the handler's clock, in milliseconds. */
  readonly launchedAt: number;
  /** When the delivery of the operation started that recorded the launch. Only that delivery requests it. */
  readonly delivery?: number;
  /** Absent until the answer arrives. */
  readonly microvmId?: string;
  /** The service rejected every request so far, so there is no MicroVM. */
  readonly rejected?: true;
  /** When it was first observed running, by the handler's clock, in milliseconds. Only if its health is checked. */
  readonly runningAt?: number;
  /** The outcome of a launch check. */
  readonly outcome?: Outcome;
}

/** The members of a RunMicrovm request that the handler reads. It has others. */
export interface LaunchRequest {
  readonly imageIdentifier: string;
  readonly imageVersion?: string;
  readonly executionRoleArn?: string;
  readonly logging?: { readonly cloudWatch?: { readonly logGroup: string } };
}

export type Outcome =
  | { readonly passed: true; readonly imageVersion: string; readonly respondedAt: number }
  | { readonly passed: false; readonly why: string };

/**
 * The service may not be able to assume a new execution role at first. After this many launches there is another cause.
 */
const MOST_ATTEMPTS = 8;

/** Spreads the attempts over the time that IAM may take to propagate a role. */
const BETWEEN_ATTEMPTS = IAM_PROPAGATION / MOST_ATTEMPTS;

export function nameOfLaunch(operationToken: string, attempt: number): string {
  return attempt === 1 ? operationToken : `${operationToken}-${attempt}`;
}

export function tokenIn({ name }: Pick<Launch, 'name'>): string {
  return name.split('-')[0];
}

/** Returns the launches of one operation, the latest attempt last. */
export function attemptsOf(launches: readonly Launch[], operationToken: string): Launch[] {
  const attempts = Array.from({ length: MOST_ATTEMPTS }, (_, index) => nameOfLaunch(operationToken, index + 1));
  return attempts.flatMap(name => launches.filter(launch => launch.name === name));
}

/** Returns the name of the next attempt, or undefined after too many. */
export function nextAttempt(attempts: readonly Launch[], operationToken: string): string | undefined {
  return attempts.length < MOST_ATTEMPTS ? nameOfLaunch(operationToken, attempts.length + 1) : undefined;
}

/** The service may show a new MicroVM late (service-facts.md, 1.2). */
const SHOWS_AFTER = 60_000;

export function mayNotShowYet({ launchedAt }: Launch, now: number): boolean {
  return now < launchedAt + SHOWS_AFTER;
}

/** The part of the properties that says which role may act on a launch. */
interface KnownRole {
  readonly request: LaunchRequest;
  readonly roleArn: string;
}

/**
 * Returns the role that may describe and terminate the MicroVM of a launch.
 *
 * That is the role that requested it or, if that role may have been deleted, a known role for the same image. Whatever
 * a record names, a resource role may act on MicroVMs of its own image only.
 */
export function roleFor(launch: Launch, known: readonly KnownRole[]): string {
  const { roleArn, request: { imageIdentifier } } = launch;
  const own = known.find(other => other.roleArn === roleArn) ?? known.find(({ request }) => request.imageIdentifier === imageIdentifier);
  return own?.roleArn ?? roleArn;
}

/**
 * Returns the role that may repeat the request of a launch. Undefined: nobody may, because no properties have this
 * request.
 *
 * The request passes an execution role and connectors, and the record can be forged. Only CloudFormation can send
 * properties.
 */
export function roleToRepeat(launch: Launch, known: readonly KnownRole[]): string | undefined {
  const same = known.filter(({ request }) => isSameRequest(launch, request));
  return (same.find(({ roleArn }) => roleArn === launch.roleArn) ?? same.at(0))?.roleArn;
}

/** Whether a launch is recorded with this request, member by member. */
export function isSameRequest(launch: Pick<Launch, 'request'>, request: LaunchRequest): boolean {
  return canonicalJson(launch.request) === canonicalJson(request);
}

/** Whether it is too early for another attempt after this one. */
export function isTooEarlyAfter({ launchedAt }: Launch, now: number): boolean {
  return now < launchedAt + BETWEEN_ATTEMPTS;
}

const PHYSICAL_ID_PREFIX = 'launch:';

/**
 * Returns the physical ID of a resource whose MicroVM is not known yet. CloudFormation never invents an ID of this
 * form.
 */
export function physicalIdOfLaunch(operationToken: string): string {
  return `${PHYSICAL_ID_PREFIX}${operationToken}`;
}

/** Whether a physical ID identifies a launch: by the ID of its MicroVM or, before that is known, by its token. */
export function identifies(physicalId: string | undefined, launch: Pick<Launch, 'name' | 'microvmId'>): boolean {
  return physicalId !== undefined && (physicalId === launch.microvmId || physicalId === physicalIdOfLaunch(tokenIn(launch)));
}

export function isMicrovmId(physicalId: string): boolean {
  return /^microvm-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(physicalId);
}

/**
 * Whether a physical ID has a form that this library gives it. CloudFormation and the framework invent IDs of other
 * forms.
 */
export function isLaunchPhysicalId(physicalId: string): boolean {
  return isMicrovmId(physicalId) || physicalId.startsWith(PHYSICAL_ID_PREFIX);
}
