/**
 * All that this library reports, on one page; the README shows it (`npm run diagnostics`).
 *
 * Codes are stable from release to release: users search for them, and programs tell failures apart by them. The handlers take the type alone.
 */

/** What a code means, and what to do about it, in a line each. Limits are in the errors themselves. */
export interface Diagnostic {
  readonly means: string;
  readonly remedy: string;
}

/** What was asked for cannot be: `cdk synth` fails. */
export const SYNTHESIS_ERRORS = {
  MicrovmAttributeCrossStack: {
    means: 'another stack reads an attribute of a MicroVM, which any deployment may change',
    remedy: 'read it in the stack of the MicroVM',
  },
  MicrovmBaseImageNameInvalid: {
    means: 'the name of a base image is not valid',
    remedy: 'use `MicrovmBaseImage.AL2023`, or the bare name of an image that AWS manages, not its ARN',
  },
  MicrovmBaseImageVersionInvalid: {
    means: 'the version of a base image is no whole number',
    remedy: 'use digits only: `1`, not `1.0`',
  },
  MicrovmBuildRoleImageNameInvalid: {
    means: '`microvmImageName` of a build role is no name, or pattern of names, of images',
    remedy: 'use letters, digits, hyphens and underscores, with `*` and `?` for any',
  },
  MicrovmCodeContentHashInvalid: {
    means: '`contentHash` of code in a bucket is empty or too long',
    remedy: 'give a text that changes whenever the object does, for example its SHA-256',
  },
  MicrovmCodeDockerfileExcluded: {
    means: '`exclude` leaves the Dockerfile out of the code',
    remedy: 'add `!Dockerfile` to it',
  },
  MicrovmCodeDockerfileNotFound: {
    means: 'the directory or ZIP file of the code has no Dockerfile at its root',
    remedy: 'put it there, under just this name',
  },
  MicrovmCodeInlineInvalid: {
    means: 'inline code has no Dockerfile, a text that only the deployment knows, or a path that is none of a file',
    remedy: 'give plain texts under relative paths, and put values of the deployment into `environment`',
  },
  MicrovmCodeNotFound: {
    means: 'the directory or file of the code is not there',
    remedy: 'give a path that is absolute, or that begins at the working directory of the app',
  },
  MicrovmCodeNotZip: {
    means: 'the file of the code is no ZIP file',
    remedy: 'zip it, or use `MicrovmCode.fromDirectory`',
  },
  MicrovmCodeObjectKeyInvalid: {
    means: 'the key of the object with the code is not valid',
    remedy: 'use a key without white space, `*`, `?` and `$`',
  },
  MicrovmEgressConnectorInvalid: {
    means: 'what MicroVMs or builds are to go out through is no network connector of the account',
    remedy: 'give the ARN of one, without a version, or use `MicrovmEgress.internet()`',
  },
  MicrovmExecutionRoleNameInvalid: {
    means: '`roleName` of an execution role is not valid',
    remedy: 'use letters, digits and `+ = , . @ _ -`, or leave it out',
  },
  MicrovmExecutionRoleShared: {
    means: 'two launchers have the same execution role, by which web-identity tokens tell launchers apart',
    remedy: 'make one for each',
  },
  MicrovmHandlerBundleMissing: {
    means: 'the package lacks the code of its handlers',
    remedy: 'install it again; in a checkout run `npx projen bundle`',
  },
  MicrovmHealthCheckInvalid: {
    means: 'port, path or time-out of a health check is not valid',
    remedy: 'use the range that the error names',
  },
  MicrovmHealthCheckNoIngress: {
    means: 'a health check asks a MicroVM that nothing comes into',
    remedy: 'give the launcher `MicrovmIngress.http()`, or leave the health check out',
  },
  MicrovmHookPortInvalid: {
    means: 'the port of the hooks is not valid',
    remedy: 'use a whole number in the range that the error names',
  },
  MicrovmHookTimeoutInvalid: {
    means: 'the time-out of a hook is out of range',
    remedy: 'use the range that the error names, in whole seconds',
  },
  MicrovmIdlePolicyInvalid: {
    means: 'a duration of an idle policy is out of range',
    remedy: 'use the range that the error names, in whole seconds',
  },
  MicrovmImageAdoptionInvalid: {
    means: '`adoptExisting` does not say which image to take over',
    remedy: 'set `microvmImageName`',
  },
  MicrovmImageArnInvalid: {
    means: 'an import has an ARN that is none of an image',
    remedy: 'use `arn:<partition>:lambda:<region>:<account>:microvm-image:<name>`, without a version',
  },
  MicrovmImageBuildRoleInvalid: {
    means: 'the build role is for images of another name, and could not be assumed',
    remedy: 'use the same name for both',
  },
  MicrovmImageEnvironmentInvalid: {
    means: 'a variable of the environment is reserved, has no valid name or is too long, or there are too many',
    remedy: 'rename it, or put it into a file of the code',
  },
  MicrovmImageNameInvalid: {
    means: 'the name of an image is not valid',
    remedy: 'use letters, digits, hyphens and underscores, or leave it out',
  },
  MicrovmImagePropertiesTooLarge: {
    means: 'the properties of an image, environment included, are too large to be deployed',
    remedy: 'put long values into files of the code',
  },
  MicrovmImageRetainedVersionsInvalid: {
    means: '`retainedVersions` of an image is out of range',
    remedy: 'use a whole number in the range that the error names: a rollback needs the second one',
  },
  MicrovmImageTagsInvalid: {
    means: 'a tag of an image, or of its stack, is reserved or not valid, or there are too many',
    remedy: 'use another key or value, or fewer tags',
  },
  MicrovmImageTimeoutInvalid: {
    means: '`deploymentTimeout` of an image is out of range',
    remedy: 'use the range that the error names, in whole seconds',
  },
  MicrovmImageVersionCrossStack: {
    means: 'another stack reads the version of an image, which any deployment may change',
    remedy: 'launch from a launcher in the stack of the image, or take the latest active version',
  },
  MicrovmLauncherEnvironmentVariableInvalid: {
    means: 'the name of the variable with the launch request is not valid',
    remedy: 'use letters, digits and underscores, a letter first',
  },
  MicrovmLauncherImageVersionInvalid: {
    means: '`imageVersion` of a launcher is no version, or not known of this image',
    remedy: 'use `of()` with a version such as `3.0`, or `latestActive()`',
  },
  MicrovmLauncherNoIngress: {
    means: '`grantConnect` is of no use to a launcher that lets nothing in',
    remedy: 'give the launcher `MicrovmIngress.http()`, or leave the grant out',
  },
  MicrovmLauncherNoShell: {
    means: '`grantShell` is of no use to a launcher without a shell',
    remedy: 'give the launcher `MicrovmIngress.httpWithShell()`, or leave the grant out',
  },
  MicrovmLauncherSessionTaggingInvalid: {
    means: '`sessionTagging` of a launcher is for an execution role that was given to it ready-made',
    remedy: 'give it to the `MicrovmExecutionRole`',
  },
  MicrovmLogGroupNameInvalid: {
    means: 'the service does not take the name of this log group',
    remedy: 'use letters, digits and `_ - / . #`',
  },
  MicrovmMaximumDurationInvalid: {
    means: '`maximumDuration` of a launcher is out of range',
    remedy: 'use the range that the error names, in whole seconds',
  },
  MicrovmMemoryInvalid: {
    means: '`memory` is not a size that the service has',
    remedy: 'use one of the tiers of `MicrovmMemory`',
  },
  MicrovmPayloadTooLong: {
    means: 'a payload is longer than the run hook takes, or than a deployment can write down',
    remedy: 'put it into S3 or a parameter, and pass its name',
  },
  MicrovmPayloadWithoutRunHook: {
    means: 'a payload is for an image that has no run hook to take it',
    remedy: 'give the image `MicrovmHooks.withReady` with `run`',
  },
  MicrovmSessionTaggingInvalid: {
    means: '`SessionTagging.keyPatterns` has no pattern, or one that is empty or too long',
    remedy: 'name at least one, or use `SessionTagging.none()`',
  },
  MicrovmTimeoutInvalid: {
    means: '`deploymentTimeout` of a MicroVM or launch check is out of range',
    remedy: 'use the range that the error names, in whole seconds',
  },
  MicrovmWebIdentityInvalid: {
    means: 'audiences or lifetime of web-identity tokens are not valid',
    remedy: 'name each relying party in full, and use the range that the error names',
  },
  MicrovmStateMachineFragmentInvalid: {
    means: '`launchTimeout` of a workflow is out of range',
    remedy: 'use the range that the error names, in whole seconds',
  },
  NetworkConnectorArnInvalid: {
    means: 'an import has an ARN that is none of a network connector',
    remedy: 'use `arn:<partition>:lambda:<region>:<account>:network-connector:<id>`, without a version',
  },
  NetworkConnectorCatalogEntryInvalid: {
    means: 'name or description of a connector in a catalogue is not valid, or the name is taken or not there',
    remedy: 'use another name, or add the connector first',
  },
  NetworkConnectorCatalogGrantInvalid: {
    means: '`grantUse` of a catalogue is about no connector',
    remedy: 'name the connectors, or add one to the catalogue',
  },
  NetworkConnectorCatalogNameInvalid: {
    means: 'the name of a catalogue is not valid',
    remedy: 'use letters, digits, dots, hyphens and underscores',
  },
  NetworkConnectorConnectionsUnknown: {
    means: 'the security groups of an imported connector are not known',
    remedy: 'import it with `fromNetworkConnectorAttributes` and `securityGroups`',
  },
  NetworkConnectorCreationInvalid: {
    means: '`NetworkConnectorGrants.create` has an empty list of subnets, security groups or operator roles',
    remedy: 'name at least one of each',
  },
  NetworkConnectorDualStackInvalid: {
    means: 'a subnet of a dual-stack connector has no IPv6 range',
    remedy: 'give the VPC `IpProtocol.DUAL_STACK`, or use `NetworkProtocol.IPV4`',
  },
  NetworkConnectorGuardrailInvalid: {
    means: '`boundaryName` or `networkTeamPath` of a guardrail is not valid',
    remedy: 'use the characters that the error names; a path begins and ends with a slash',
  },
  NetworkConnectorGuardrailTooLarge: {
    means: 'a guardrail lists more connectors than fit into a policy',
    remedy: 'use `AllowedNetworkConnectors.allInAccount()`',
  },
  NetworkConnectorNameInvalid: {
    means: 'the name of a network connector is not valid',
    remedy: 'use letters, digits, hyphens and underscores, or leave it out',
  },
  NetworkConnectorOperatorRoleInvalid: {
    means: 'an operator role is for no subnets or security groups, or for others than its connector has',
    remedy: 'make it with the subnets and security groups of the connector',
  },
  NetworkConnectorRetainedVersionsInvalid: {
    means: '`retainedVersions` of a connector is out of range',
    remedy: 'use a whole number in the range that the error names',
  },
  NetworkConnectorSecurityGroupsInvalid: {
    means: 'a connector has no security group, or too many',
    remedy: 'give as many as the error names, or leave them out for one that allows nothing out',
  },
  NetworkConnectorSubnetsInvalid: {
    means: '`vpcSubnets` selects no subnet, or too many',
    remedy: 'select as many as the error names, for example by `subnetType` or `availabilityZones`',
  },
  NetworkConnectorTagsInvalid: {
    means: 'a tag of a connector, or of its stack, is reserved or not valid, or there are too many',
    remedy: 'use another key or value, or fewer tags',
  },
  NetworkConnectorTimeoutInvalid: {
    means: '`deploymentTimeout` of a connector is out of range',
    remedy: 'use the range that the error names, in whole seconds',
  },
  NetworkConnectorZoneRefused: {
    means: 'a subnet is in an Availability Zone that the service refuses for MicroVMs',
    remedy: 'leave it out, for example with `vpcSubnets: { availabilityZones: [...] }`',
  },
  WebIdentityLaunchRoleInvalid: {
    means: 'issuer, audiences or subjects of a `WebIdentityLaunchRole` are not valid or would let in anybody',
    remedy: 'name them in full; a subject may have `*` and `?` behind two whole parts',
  },
  WebIdentityLaunchRoleOnlyLaunches: {
    means: 'a `WebIdentityLaunchRole` is given something else than grants of launchers',
    remedy: 'make another role for it',
  },
} as const satisfies Record<string, Diagnostic>;

/** What may be right and often is not: `cdk synth` goes on; `Annotations.of(scope).acknowledgeWarning(code)` silences one. */
export const SYNTHESIS_WARNINGS = {
  'cdk-lambda-microvms:buildRoleNotModified': {
    means: '`buildRole` cannot be changed, so it does not get what builds need',
    remedy: 'see that it allows what the warning lists',
  },
  'cdk-lambda-microvms:environmentLooksSecret': {
    means: 'a variable of the environment is named like a secret; the template shows its value, and every MicroVM starts with it',
    remedy: 'give the execution role access to the secret, and read it in the MicroVM',
  },
  'cdk-lambda-microvms:executionRoleNotModified': {
    means: '`executionRole` cannot be changed, so it does not get what logging needs',
    remedy: 'see that it allows what the warning lists',
  },
  'cdk-lambda-microvms:operatorRoleNotModified': {
    means: '`operatorRole` cannot be changed, so it does not get what network interfaces need',
    remedy: 'see that it allows what the warning lists',
  },
  'cdk-lambda-microvms:securityGroupTakenToAllowAll': {
    means: 'an imported security group is taken to allow everything, so `connections.allowTo` writes no egress rule for it',
    remedy: 'import it with `allowAllOutbound: false`, or see to its rules where it is made',
  },
} as const satisfies Record<string, Diagnostic>;

/** What fails a deployment; or, by the name of its error, an execution of a workflow. */
export const DEPLOYMENT_ERRORS = {
  DeploymentTimedOut: {
    means: 'what the error names did not come about within `deploymentTimeout`',
    remedy: 'mend what the last answer of the service in it says, or give it more time; then deploy again',
  },
  MicrovmBaseImageUnavailable: {
    means: 'the base image, or the version that is asked for, is not there (any more)',
    remedy: 'leave the version out, or use another `baseImage`',
  },
  MicrovmEndedEarly: {
    means: 'a MicroVM ended before it ran, or before it was healthy',
    remedy: 'mend what its reason says; its log tells more',
  },
  MicrovmImageBuildFailed: {
    means: 'a build of an image failed',
    remedy: 'mend what reasons, hints and the end of the log in the error say',
  },
  MicrovmImageExists: {
    means: 'an image of this name is there, and belongs to no stack of this library',
    remedy: 'choose another name, delete that image, or take it over with `adoptExisting`',
  },
  MicrovmImageInUse: {
    means: 'the image has MicroVMs that run, and `microvmTermination` does not let this deployment end them',
    remedy: 'terminate those that the error names, or deploy another `microvmTermination` first',
  },
  MicrovmImageOwnedElsewhere: {
    means: 'an image of this name belongs to another resource, in this stack or another',
    remedy: 'choose another name; if that resource is gone, the error has the command that gives the image up',
  },
  MicrovmImageRefused: {
    means: 'the service does not take the image as it is asked for',
    remedy: 'change what the service names in the error',
  },
  MicrovmLaunchRefused: {
    means: 'the service does not launch a MicroVM as it is asked for',
    remedy: 'change what the service and the hint name in the error',
  },
  MicrovmLaunchTimedOut: {
    means: 'in a workflow, a MicroVM did not run within `launchTimeout`',
    remedy: 'give it more time; its log says what it is busy with',
  },
  MicrovmQuotaReached: {
    means: 'the MicroVMs of the account use up a quota',
    remedy: 'end some, or raise the quota',
  },
  MicrovmUnhealthy: {
    means: 'a MicroVM runs, and does not answer the health check with 2xx',
    remedy: 'let the server listen on 0.0.0.0 and the port of the health check, or give it more time by `healthCheck.timeout`',
  },
  NetworkConnectorDeletionFailed: {
    means: 'a connector of this name is left from a deletion that the service could not finish',
    remedy: 'delete it by the command in the error, or choose another name',
  },
  NetworkConnectorExists: {
    means: 'a connector of this name is there, and belongs to no stack of this library',
    remedy: 'choose another name, or delete that connector if nobody uses it',
  },
  NetworkConnectorFailed: {
    means: 'a new connector did not become active',
    remedy: 'mend what reason and hint in the error say',
  },
  NetworkConnectorInUse: {
    means: 'running MicroVMs would lose their way out with the connector',
    remedy: 'terminate those that the error names, or choose `NetworkConnectorDeletion.WAIT_UNTIL_UNUSED` or `FORCE`',
  },
  NetworkConnectorNotActive: {
    means: 'the connector that was looked up by its name cannot be used',
    remedy: 'deploy it again, where it is made',
  },
  NetworkConnectorNotFound: {
    means: 'no connector has the name that was looked up',
    remedy: 'deploy it first, in the same account and Region, or mend the name',
  },
  NetworkConnectorOwnedElsewhere: {
    means: 'a connector of this name belongs to another resource, in this stack or another',
    remedy: 'choose another name; if that resource is gone, delete the connector',
  },
  NetworkConnectorQuotaReached: {
    means: 'the account can have no more connectors, or the connector no more versions',
    remedy: 'raise the quota, or remove connectors or retained versions',
  },
  NetworkConnectorRefused: {
    means: 'the service does not take the connector as it is asked for',
    remedy: 'change what the service and the hint name in the error',
  },
  NetworkConnectorUnchangeable: {
    means: 'a connector is to change its VPC or protocol, which cannot be done under one name',
    remedy: 'give the connector another name, or the construct another id, as the error says',
  },
  NetworkConnectorUpdateFailed: {
    means: 'the service could not apply an update; the connector is as it was before',
    remedy: 'mend what reason and hint in the error say',
  },
  PermissionDenied: {
    means: 'a role of the deployment may not do what the error names',
    remedy: 'allow it in the policy of that role; a permissions boundary, service control policy or guardrail may be what denies it',
  },
} as const satisfies Record<string, Diagnostic>;

export type SynthesisErrorCode = keyof typeof SYNTHESIS_ERRORS;
export type SynthesisWarningCode = keyof typeof SYNTHESIS_WARNINGS;
export type DeploymentErrorCode = keyof typeof DEPLOYMENT_ERRORS;
