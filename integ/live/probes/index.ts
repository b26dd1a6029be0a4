import { architectures } from './architectures';
import { clientToken } from './client-token';
import { connectorCallers } from './connector-callers';
import { connectorVersions } from './connector-versions';
import { deployedStack } from './deployed-stack';
import { elasticIps } from './elastic-ips';
import { encryptionKeys } from './encryption-keys';
import { executionReaders } from './execution-readers';
import { imageTags } from './image-tags';
import { microvmCalls } from './microvm-calls';
import { networkFacts } from './network-facts';
import { operatorRoles } from './operator-roles';
import { parameterReads } from './parameter-reads';
import { passConnector } from './pass-connector';
import { passRole } from './pass-role';
import type { Probe } from './probe';
import { reservedPath } from './reserved-path';
import { sessionTags } from './session-tags';
import { shellIngress } from './shell-ingress';
import { tagConditions } from './tag-conditions';
import { versionDeletion } from './version-deletion';

/**
 * The probes in the order in which they run. Network interfaces are counted before other connectors create some. The
 * first version of the image is deleted last.
*/
export const PROBES: readonly Probe[] = [
  deployedStack,
  networkFacts,
  parameterReads,
  reservedPath,
  microvmCalls,
  sessionTags,
  clientToken,
  passConnector,
  passRole,
  shellIngress,
  tagConditions,
  imageTags,
  operatorRoles,
  connectorCallers,
  elasticIps,
  connectorVersions,
  encryptionKeys,
  executionReaders,
  architectures,
  versionDeletion,
];
