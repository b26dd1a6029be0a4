import type { Duration } from 'aws-cdk-lib';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { BOOLEAN, DURATION, oneOf, TEXTS } from '../private/property-types';
import type { PropertyTypes } from '../private/property-types';

/**
 * Properties of a policy validation. Each rule except `readable-requests` depends on one of them.
 */
export interface MicrovmPolicyValidationProps {
  /**
   * Whether MicroVMs may have access to the internet through the managed connector (rule `no-internet-egress`).
   *
   * @default false
   */
  readonly allowInternetEgress?: boolean;

  /**
   * Whether builds of images may have access to the internet through the managed connector (rule `no-internet-builds`).
   * Most builds need it for packages.
   *
   * @default true
   */
  readonly allowInternetBuilds?: boolean;

  /**
   * The network connectors that MicroVMs and builds may use for egress, besides the managed internet connector, which
   * has rules of its own (rule `allowed-connectors`). ARNs, in which `*` stands for any characters.
   *
   * A connector of a catalog is `${ssm:/network-connectors/<catalog>/<connector>}`. A connector of the same stack is
   * `${<logical ID>.ConnectorArn}` or, as an L1, `${<logical ID>}`.
   *
   * @default - any connector
   */
  readonly allowedEgressConnectors?: string[];

  /**
   * Whether the app may create network connectors (rule `no-own-connectors`).
   *
   * @default true
   */
  readonly allowConnectorCreation?: boolean;

  /**
   * Whether MicroVMs may have ingress for a root shell (rule `no-shell`).
   *
   * @default false
   */
  readonly allowShell?: boolean;

  /**
   * The longest maximum duration of MicroVMs (rule `maximum-duration`). A launch without a maximum duration counts as
   * one of 8 hours, the limit of the service.
   *
   * @default - any duration
   */
  readonly maximumDuration?: Duration;

  /**
   * Whether launches need an idle policy (rule `idle-policy`). Launches with `MicrovmIngress.none()` need none, because
   * without requests the service would suspend a MicroVM while it works.
   *
   * @default true
   */
  readonly requireIdlePolicy?: boolean;

  /**
   * Whether MicroVMs and builds must write logs, into a log group that the app names (rule `log-retention`). With
   * `false`, the retention is not checked either.
   *
   * @default true
   */
  readonly requireLogs?: boolean;

  /**
   * The shortest retention of these log groups (rule `log-retention`).
   *
   * @default - any retention
   */
  readonly minimumLogRetention?: RetentionDays;

  /**
   * The longest retention of these log groups (rule `log-retention`). A log group without a retention keeps events
   * permanently.
   *
   * @default - any retention
   */
  readonly maximumLogRetention?: RetentionDays;

  /**
   * Whether an app may acknowledge a rule, with `Validations.of(scope).acknowledge()` and the ID
   * `cdk-lambda-microvms::<rule>`. An acknowledgment counts for the whole app.
   *
   * @default true
   */
  readonly allowAcknowledgments?: boolean;
}

const RETENTION = oneOf('RetentionDays', RetentionDays);

export const POLICY_TYPES: PropertyTypes<MicrovmPolicyValidationProps> = {
  allowInternetEgress: BOOLEAN,
  allowInternetBuilds: BOOLEAN,
  allowedEgressConnectors: TEXTS,
  allowConnectorCreation: BOOLEAN,
  allowShell: BOOLEAN,
  maximumDuration: DURATION,
  requireIdlePolicy: BOOLEAN,
  requireLogs: BOOLEAN,
  minimumLogRetention: RETENTION,
  maximumLogRetention: RETENTION,
  allowAcknowledgments: BOOLEAN,
};
