import { IAM_PROPAGATION } from '../engine/operation';

/**
 * A launch of ours, as it is written down before it is asked for.
 *
 * MicroVMs have neither names nor tags, so nothing else tells whose one is, or that one was asked for whose id never arrived.
 */
export interface Launch {
  /** The client token of the request; the token of the operation, with the number of the attempt if it is not the first. */
  readonly name: string;
  /** Of what decides how it is launched. */
  readonly fingerprint: string;
  readonly request: LaunchRequest;
  /** The role that asked for it. */
  readonly roleArn: string;
  /** Own clock, in milliseconds. */
  readonly launchedAt: number;
  /** Absent until the answer has arrived. */
  readonly microvmId?: string;
  /** When it was first seen to run; own clock, in milliseconds. Only if it is probed. */
  readonly runningAt?: number;
  /** What a launch check came to. */
  readonly outcome?: Outcome;
}

/** The members of a RunMicrovm request that are of interest here, among others. */
export interface LaunchRequest {
  readonly imageIdentifier: string;
  readonly imageVersion?: string;
  readonly logging?: { readonly cloudWatch?: { readonly logGroup: string } };
}

export type Outcome =
  | { readonly passed: true; readonly imageVersion: string; readonly respondedAt: number }
  | { readonly passed: false; readonly why: string };

/** A fresh execution role may be refused at first; after so many launches it is not that. */
const MOST_ATTEMPTS = 8;

/** So that they last for as long as a role may be fresh. */
const BETWEEN_ATTEMPTS = IAM_PROPAGATION / MOST_ATTEMPTS;

export function nameOfLaunch(operationToken: string, attempt: number): string {
  return attempt === 1 ? operationToken : `${operationToken}-${attempt}`;
}

export function tokenIn({ name }: Launch): string {
  return name.split('-')[0];
}

/** Those of one operation, the latest attempt last. */
export function attemptsOf(launches: readonly Launch[], operationToken: string): Launch[] {
  const attempts = Array.from({ length: MOST_ATTEMPTS }, (_, index) => nameOfLaunch(operationToken, index + 1));
  return attempts.flatMap(name => launches.filter(launch => launch.name === name));
}

/** The name of one more attempt; undefined after too many. */
export function nextAttempt(attempts: readonly Launch[], operationToken: string): string | undefined {
  return attempts.length < MOST_ATTEMPTS ? nameOfLaunch(operationToken, attempts.length + 1) : undefined;
}

/** A MicroVM that was just launched may not show at once: service facts 1.2. */
const SHOWS_AFTER = 60_000;

export function mayNotShowYet({ launchedAt }: Launch, now: number): boolean {
  return now < launchedAt + SHOWS_AFTER;
}

/** What properties ask for, as far as it tells who may touch a launch. */
interface Asked {
  readonly request: LaunchRequest;
  readonly fingerprint: string;
  readonly roleArn: string;
}

/**
 * The role that may touch what was launched: the one that asked for it or, since that may be gone by now, one that these properties know and that is for
 * the same image.
 */
export function roleFor(launch: Launch, asked: readonly Asked[]): string {
  const { roleArn, request: { imageIdentifier } } = launch;
  const own = asked.find(known => known.roleArn === roleArn) ?? asked.find(({ request }) => request.imageIdentifier === imageIdentifier);
  return own?.roleArn ?? roleArn;
}

/** The same of the role that may ask for it once more, which passes roles and connectors. */
export function roleToAskAgain(launch: Launch, asked: readonly Asked[]): string {
  return roleFor(launch, asked.filter(({ roleArn, fingerprint }) => roleArn === launch.roleArn || fingerprint === launch.fingerprint));
}

/** Whether it is too early for another attempt after this one. */
export function isTooEarlyAfter({ launchedAt }: Launch, now: number): boolean {
  return now < launchedAt + BETWEEN_ATTEMPTS;
}

const PHYSICAL_ID_PREFIX = 'launch:';

/** Of a resource whose MicroVM is not known yet; in a form that CloudFormation never invents. */
export function physicalIdOfLaunch(operationToken: string): string {
  return `${PHYSICAL_ID_PREFIX}${operationToken}`;
}

/** Whether a physical id stands for a launch: by the id of its MicroVM or, before that was known, by its token. */
export function isOf(physicalId: string | undefined, launch: Launch): boolean {
  return physicalId !== undefined && (physicalId === launch.microvmId || physicalId === physicalIdOfLaunch(tokenIn(launch)));
}

export function isMicrovmId(physicalId: string): boolean {
  return /^microvm-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(physicalId);
}

/** Whether a physical id is one of ours, and not one that CloudFormation or the framework invented. */
export function isOurs(physicalId: string): boolean {
  return isMicrovmId(physicalId) || physicalId.startsWith(PHYSICAL_ID_PREFIX);
}
