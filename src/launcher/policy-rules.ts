import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { MicrovmPolicyValidationProps } from './policy-props';
import type { FoundRequest } from './policy-requests';
import { ManagedNetworkConnector } from '../network/allowed-connectors';

/** A log group of the templates; undefined if they do not contain it. */
export type LogGroupRetention = (name: string) => { readonly days: number } | undefined;

/** A rule for launches, builds or both. */
export interface Rule {
  readonly fix: string;
  /** Returns what is wrong with a request; undefined if nothing is. */
  readonly check: (request: FoundRequest, props: MicrovmPolicyValidationProps, retention: LogGroupRetention) => string | undefined;
}

const isManaged = (arn: string, connector: ManagedNetworkConnector) => arn.includes(`:aws-network-connector:${connector}`);
const isInternet = (arn: string) => isManaged(arn, ManagedNetworkConnector.INTERNET_EGRESS);
const reachesInternet = ({ egress }: FoundRequest) => egress.length === 0 || egress.some(isInternet);

export const RULES: Readonly<Record<string, Rule>> = {
  'no-internet-egress': {
    fix: 'use MicrovmEgress.connector() with a network connector; in a request, set egressNetworkConnectors',
    check: (request, { allowInternetEgress }) => request.isBuild || allowInternetEgress || !reachesInternet(request)
      ? undefined
      : 'MicroVMs have access to the internet',
  },
  'no-internet-builds': {
    fix: 'set buildEgress of the image to MicrovmEgress.connector() with a network connector; in an L1, set egressNetworkConnectors',
    check: (request, { allowInternetBuilds }) => !request.isBuild || (allowInternetBuilds ?? true) || !reachesInternet(request)
      ? undefined
      : 'builds of the image have access to the internet',
  },
  'allowed-connectors': {
    fix: 'use one of the connectors that the platform team allows',
    check: ({ egress }, { allowedEgressConnectors }) => {
      const other = egress.find(arn => !isInternet(arn) && allowedEgressConnectors?.some(pattern => matches(arn, pattern)) === false);
      return other && `the network connector ${other} is not allowed`;
    },
  },
  'no-shell': {
    fix: 'use MicrovmIngress.http(), or leave SHELL_INGRESS out of ingressNetworkConnectors',
    check: ({ ingress }, { allowShell }) => !allowShell && ingress.some(arn => isManaged(arn, ManagedNetworkConnector.SHELL_INGRESS))
      ? 'MicroVMs permit a root shell'
      : undefined,
  },
  'maximum-duration': {
    fix: 'set maximumDuration of the launcher; in a request, set maximumDurationInSeconds',
    check: ({ isBuild, maximumSeconds }, { maximumDuration }) => {
      if (isBuild || !maximumDuration) return undefined;
      const allowed = maximumDuration.toSeconds();
      if (maximumSeconds === undefined) return `the maximum duration is known at deployment only; at most ${allowed} seconds are allowed`;
      return maximumSeconds > allowed ? `MicroVMs run for up to ${maximumSeconds} seconds; at most ${allowed} are allowed` : undefined;
    },
  },
  'idle-policy': {
    fix: 'set idlePolicy of the launcher or of the request',
    check: ({ isBuild, hasIdlePolicy, ingress }, { requireIdlePolicy }) => {
      // Nothing reaches such a MicroVM, so that the service would suspend it while it works.
      const admitsNothing = ingress.length > 0 && ingress.every(arn => isManaged(arn, ManagedNetworkConnector.NO_INGRESS));
      return isBuild || !(requireIdlePolicy ?? true) || hasIdlePolicy || admitsNothing ? undefined : 'idle MicroVMs run until their maximum duration';
    },
  },
  'log-retention': {
    fix: 'set logging of the image or launcher to MicrovmLogging.newLogGroup() with a retention; in a request, name a log group of the stack',
    check: ({ logGroup, isLoggingDisabled, isBuild }, props, retention) => {
      if (!(props.requireLogs ?? true)) return undefined;
      const what = isBuild ? 'builds of the image' : 'MicroVMs';
      if (isLoggingDisabled) return `${what} write no logs`;
      if (logGroup === undefined) return `${what} write to a log group that the service creates and that keeps events permanently`;
      const found = retention(logGroup);
      return found && wrongRetention(what, found.days, props);
    },
  },
};

/** The rule for resources that create connectors. */
export const NO_OWN_CONNECTORS = {
  name: 'no-own-connectors',
  description: 'the app creates a network connector',
  fix: 'import a connector of the platform team, for example with NetworkConnectorCatalog.fromCatalogName()',
};

/** The rule for launch requests that cannot be read. */
export const UNREADABLE = {
  name: 'readable-requests',
  description: 'a launch request is not JSON, so that the rules cannot be checked',
  fix: 'use the launchRequest of a launcher as it is',
};

function wrongRetention(what: string, days: number, props: MicrovmPolicyValidationProps): string | undefined {
  const { minimumLogRetention: min, maximumLogRetention: max } = props;
  const kept = days >= RetentionDays.INFINITE ? 'permanently' : `for ${days} days`;
  if (min !== undefined && days < min) return `logs of ${what} are kept ${kept}; at least ${min} days are required`;
  if (max !== undefined && days > max) return `logs of ${what} are kept ${kept}; at most ${max} days are allowed`;
  return undefined;
}

function matches(text: string, pattern: string): boolean {
  return new RegExp(`^${pattern.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`).test(text);
}
