/**
 * Every error and warning of this library. `npm run generate` writes docs/guides/errors.md from this file.
 *
 * Codes are stable from release to release: users search for them, and programs distinguish failures by them. The
 * bundle of the handlers contains none of the texts, only the codes and `addressOf`.
 */

/** What a code means and what to do about it. Limits are in the errors themselves. */
export interface Diagnostic {
  readonly means: string;
  readonly remedy: string;
  /** An error as the user sees it, without the address at its end. */
  readonly example?: string;
}

/** Errors at synth: a property is not valid, and `cdk synth` fails. */
export const SYNTHESIS_ERRORS = {
  DeploymentEncryptionInvalid: {
    means: '`allowedPrincipalArns` of `DeploymentEncryption` is empty, contains a value that is not the ARN of an IAM role or user, or is used together with `encryptionKey`.',
    remedy: 'Use ARNs of roles, such as `arn:<partition>:iam::<account>:role/network-team/*`. If you pass a key of your own, restrict the policy of that key instead.',
  },
  MicrovmAttributeCrossStack: {
    means: 'Another stack reads an attribute of a MicroVM. Any deployment may change that attribute.',
    remedy: 'Read the attribute in the stack of the MicroVM.',
  },
  MicrovmBaseImageNameInvalid: {
    means: 'The name of the base image is not valid.',
    remedy: 'Use `MicrovmBaseImage.AL2023`, or the bare name of an image that AWS manages. Do not use an ARN.',
  },
  MicrovmBaseImageVersionInvalid: {
    means: 'The version of the base image is not a whole number.',
    remedy: 'Use digits only: `1`, not `1.0`.',
  },
  MicrovmBuildRoleImageNameInvalid: {
    means: '`microvmImageName` of the build role is neither an image name nor a pattern for image names.',
    remedy: 'Use letters, digits, hyphens and underscores. In a pattern, `*` and `?` stand for any characters.',
  },
  MicrovmCodeContentHashInvalid: {
    means: '`contentHash` of code in a bucket is empty or too long.',
    remedy: 'Use a value that changes whenever the object changes, for example its SHA-256.',
  },
  MicrovmCodeDockerfileNotFound: {
    means: 'The directory or ZIP file of the code has no file named `Dockerfile` at its root, or no file of the name that `dockerfile` gives.',
    remedy: 'Put the Dockerfile at the root, under exactly this name, or name it with the option `dockerfile` of a directory. In a ZIP file, zip the contents of the directory, not the directory.',
    example: "code: /app/sandbox has no file named Dockerfile at its root, only 'dockerfile'; ... [MicrovmCodeDockerfileNotFound at App/Sandbox]",
  },
  MicrovmCodeInlineInvalid: {
    means: 'Inline code has no Dockerfile, contains a token, has an invalid path, or has a file where another file needs a directory.',
    remedy: 'Use plain text under relative paths. Put values that only the deployment knows into `environment`.',
  },
  MicrovmCodeLinkInvalid: {
    means: 'The directory of the code contains a symbolic link that leads out of the directory, to nothing, or to a directory that contains the link. The upload contains copies in place of links.',
    remedy: 'Copy the target into the directory, exclude the link, or upload files outside of the directory with `followSymlinks: SymlinkFollowMode.EXTERNAL`.',
  },
  MicrovmCodeNotFound: {
    means: 'The directory or file of the code, or a source of `files`, does not exist.',
    remedy: 'Use an absolute path, or a path relative to the working directory of the app.',
  },
  MicrovmCodeNotReadable: {
    means: 'A file or directory of the code cannot be read.',
    remedy: 'Correct its permissions, or leave it out with `exclude`.',
  },
  MicrovmCodeNotZip: {
    means: 'The file of the code is not a ZIP file.',
    remedy: 'Create a ZIP file, or use `MicrovmCode.fromDirectory`.',
  },
  MicrovmCodeObjectKeyInvalid: {
    means: 'The object key of the code is not valid.',
    remedy: 'Use a key without white space, `*`, `?` and `$`.',
  },
  MicrovmCodeOptionsInvalid: {
    means: '`exclude` is not a list of patterns, `dockerfile` is not a path in the directory, or `files` has an invalid path or a file where another file needs a directory.',
    remedy: 'Use relative paths without `..` for places in the upload, and paths of existing files or directories as sources.',
  },
  MicrovmEgressConnectorInvalid: {
    means: 'The egress of MicroVMs or builds is not a network connector of the account.',
    remedy: 'Use the ARN of a connector, without a version. For the managed connector of AWS, use `MicrovmEgress.internet()`.',
    example: "egress: 'nc-1234' is not the ARN of a network connector; use arn:<partition>:lambda:<region>:<account>:network-connector:<id>, ... [MicrovmEgressConnectorInvalid at App/Launcher]",
  },
  MicrovmEncryptionKeyInvalid: {
    means: '`encryptionKey` is an alias of a key.',
    remedy: 'Pass the key, not its alias. IAM authorizes on keys.',
  },
  MicrovmExecutionRoleNameInvalid: {
    means: '`roleName` of the execution role is not valid.',
    remedy: 'Use letters, digits and `+ = , . @ _ -`, or omit the name.',
  },
  MicrovmExecutionRoleShared: {
    means: 'Two launchers have the same execution role. Web-identity tokens identify a launcher by its role.',
    remedy: 'Create an execution role for each launcher.',
  },
  MicrovmHandlerBundleMissing: {
    means: 'The package does not contain the code of its handlers.',
    remedy: 'Install the package again. In a checkout of this library, run `npx projen bundle`.',
  },
  MicrovmHealthCheckInvalid: {
    means: 'The port, path or timeout of the health check is not valid.',
    remedy: 'Use a value in the range that the error names.',
  },
  MicrovmHealthCheckNoIngress: {
    means: 'The health check sends a request to a MicroVM without ingress.',
    remedy: 'Give the launcher `MicrovmIngress.http()`, or remove the health check.',
  },
  MicrovmHookPortInvalid: {
    means: 'The port of the hooks is not valid.',
    remedy: 'Use a whole number in the range that the error names. The server must listen on this port and on 0.0.0.0.',
    example: 'hooks.port: 0 is not valid; use a whole number from 1 to 65535 [MicrovmHookPortInvalid]',
  },
  MicrovmHookTimeoutInvalid: {
    means: 'The timeout of a hook is out of range.',
    remedy: 'Use a duration in the range that the error names, in whole seconds. Hooks of a build may take longer than hooks of a MicroVM.',
    example: 'hooks.run.timeout: 2 minutes is not valid; use 1 to 60 seconds, in whole seconds [MicrovmHookTimeoutInvalid]',
  },
  MicrovmIdlePolicyInvalid: {
    means: 'A duration of the idle policy is out of range.',
    remedy: 'Use a duration in the range that the error names, in whole seconds.',
  },
  MicrovmImageAdoptionInvalid: {
    means: '`adoptExisting` does not say which image to adopt.',
    remedy: 'Set `microvmImageName`.',
  },
  MicrovmImageArchitecturesInvalid: {
    means: '`architectures` is empty, or names an architecture twice.',
    remedy: 'Name each architecture once, or omit `architectures` to build for ARM only.',
  },
  MicrovmImageArnInvalid: {
    means: 'The imported ARN is not the ARN of an image.',
    remedy: 'Use `arn:<partition>:lambda:<region>:<account>:microvm-image:<name>`, without a version.',
  },
  MicrovmImageBuildRoleInvalid: {
    means: 'The build role is for images of another name. The service could not assume it for this image.',
    remedy: 'Use the same name for the role and the image.',
  },
  MicrovmImageEnvironmentInvalid: {
    means: 'A variable of `environment` is reserved, has an invalid name or is too long, or there are too many variables.',
    remedy: 'Rename the variable, or put the value into a file of the code.',
  },
  MicrovmImageNameInvalid: {
    means: 'The name of the image is not valid.',
    remedy: 'Use letters, digits, hyphens and underscores, or omit the name.',
    example: "microvmImageName: 'my sandbox' (10 characters) is not valid; use 1 to 64 characters, letters, digits, hyphens and underscores [MicrovmImageNameInvalid at App/Sandbox]",
  },
  MicrovmImagePropertiesTooLarge: {
    means: 'The properties of the image, including `environment`, are too large for a deployment.',
    remedy: 'Put long values into files of the code.',
  },
  MicrovmImageRetainedVersionsInvalid: {
    means: '`retainedVersions` of the image is out of range.',
    remedy: 'Use a whole number in the range that the error names. A rollback needs the second version.',
  },
  MicrovmImageTagsInvalid: {
    means: 'A tag of the image or of its stack is reserved or not valid, or there are too many tags.',
    remedy: 'Use another key or value, or fewer tags.',
  },
  MicrovmImageTimeoutInvalid: {
    means: '`deploymentTimeout` of the image is out of range.',
    remedy: 'Use a duration in the range that the error names, in whole seconds.',
  },
  MicrovmImageVersionCrossStack: {
    means: 'Another stack reads the version of an image. Any deployment may change that version.',
    remedy: 'Launch from a launcher in the stack of the image, or use `MicrovmImageVersion.latestActive()`.',
  },
  MicrovmLauncherEnvironmentVariableInvalid: {
    means: 'The name of the environment variable for the launch request is not valid.',
    remedy: 'Use letters, digits and underscores, and start with a letter.',
  },
  MicrovmLauncherImageVersionInvalid: {
    means: '`imageVersion` of the launcher is not a version, or the version of this image is unknown at synth.',
    remedy: 'Use `MicrovmImageVersion.of()` with a version such as `3.0`, or `MicrovmImageVersion.latestActive()`.',
  },
  MicrovmLauncherNoIngress: {
    means: '`grantConnect` has no effect, because the launcher has no ingress.',
    remedy: 'Give the launcher `MicrovmIngress.http()`, or remove the grant.',
  },
  MicrovmLauncherNoShell: {
    means: '`grantShell` has no effect, because the launcher has no shell ingress.',
    remedy: 'Give the launcher `MicrovmIngress.httpWithShell()`, or remove the grant.',
  },
  MicrovmLauncherSessionTaggingInvalid: {
    means: '`sessionTagging` of a launcher applies only to the execution role that the launcher creates. This launcher has an existing role.',
    remedy: 'Set `sessionTagging` on the `MicrovmExecutionRole`.',
  },
  MicrovmLogGroupNameInvalid: {
    means: 'The service does not accept the name of this log group.',
    remedy: 'Use letters, digits and `_ - / . #`.',
  },
  MicrovmMaximumDurationInvalid: {
    means: '`maximumDuration` of the launcher is out of range.',
    remedy: 'Use a duration in the range that the error names, in whole seconds.',
  },
  MicrovmMemoryInvalid: {
    means: 'The service does not offer this size of `memory`.',
    remedy: 'Use one of the constants of `MicrovmMemory`.',
    example: 'memory: 3072 MiB is not a size that the service has; use 512, 1024, 2048, 4096 or 8192 MiB [MicrovmMemoryInvalid]',
  },
  MicrovmPayloadTooLong: {
    means: 'The payload is longer than the run hook accepts, or, together with the launch request, longer than a deployment can store.',
    remedy: 'Put the payload into S3 or a parameter, and pass the name of the object or parameter.',
  },
  MicrovmPayloadWithoutRunHook: {
    means: 'The launch has a payload, but the image has no run hook to receive it.',
    remedy: 'Give the image `MicrovmHooks.withReady` with `run`.',
  },
  MicrovmRequestOverrideInvalid: {
    means: 'A request override has no valid path or no value, or it overrides a member that deployments or callers determine.',
    remedy: 'Use names of members with dots between them, and the index of a list element: `logging.cloudWatch.logGroup`, `items.0`.',
  },
  MicrovmSessionTaggingInvalid: {
    means: '`SessionTagging.keyPatterns` has no pattern, or a pattern that is empty or too long.',
    remedy: 'Use at least one pattern, or `SessionTagging.none()`.',
  },
  MicrovmStateMachineFragmentInvalid: {
    means: '`launchTimeout` of the state machine fragment is out of range.',
    remedy: 'Use a duration in the range that the error names, in whole seconds.',
  },
  MicrovmTimeoutInvalid: {
    means: '`deploymentTimeout` of a MicroVM or launch check is out of range.',
    remedy: 'Use a duration in the range that the error names, in whole seconds.',
  },
  MicrovmWebIdentityInvalid: {
    means: 'The audiences or the lifetime of web-identity tokens are not valid.',
    remedy: 'Use the complete name of each relying party, and a lifetime in the range that the error names.',
  },
  NetworkConnectorArnInvalid: {
    means: 'The imported ARN is not the ARN of a network connector.',
    remedy: 'Use `arn:<partition>:lambda:<region>:<account>:network-connector:<id>`, without a version.',
  },
  NetworkConnectorCatalogEntryInvalid: {
    means: 'The name or description of a connector in a catalog is not valid, or the name is already taken or unknown.',
    remedy: 'Use another name, or add the connector to the catalog first.',
  },
  NetworkConnectorCatalogGrantInvalid: {
    means: '`grantUse` of a catalog refers to no connector.',
    remedy: 'Pass the names of connectors, or add a connector to the catalog.',
  },
  NetworkConnectorCatalogNameInvalid: {
    means: 'The name of the catalog is not valid.',
    remedy: 'Use letters, digits, dots, hyphens and underscores.',
  },
  NetworkConnectorConnectionsUnknown: {
    means: 'The security groups of an imported connector are unknown.',
    remedy: 'Import the connector with `fromNetworkConnectorAttributes` and `securityGroups`.',
  },
  NetworkConnectorCreationInvalid: {
    means: '`NetworkConnectorGrants.create` has an empty list of subnets, security groups or operator roles.',
    remedy: 'Pass at least one of each.',
  },
  NetworkConnectorDualStackInvalid: {
    means: 'A subnet of a dual-stack connector has no IPv6 range.',
    remedy: 'Give the VPC `IpProtocol.DUAL_STACK`, or use `NetworkProtocol.IPV4`.',
  },
  NetworkConnectorGuardrailInvalid: {
    means: '`boundaryName` or `networkTeamPath` of the guardrail is not valid.',
    remedy: 'Use the characters that the error names. A path begins and ends with a slash.',
  },
  NetworkConnectorGuardrailTooLarge: {
    means: 'The guardrail lists more connectors than fit into a policy.',
    remedy: 'Use `AllowedNetworkConnectors.allInAccount()`.',
  },
  NetworkConnectorNameInvalid: {
    means: 'The name of the network connector is not valid.',
    remedy: 'Use letters, digits, hyphens and underscores, or omit the name.',
    example: "networkConnectorName: 'team/internal' (13 characters) is not valid; use 1 to 64 characters, letters, digits, hyphens and underscores [NetworkConnectorNameInvalid at Network/Internal]",
  },
  NetworkConnectorOperatorRoleInvalid: {
    means: 'The operator role covers no subnets or security groups, or not all that its connector has, or not its elastic IPs.',
    remedy: 'Create the role with the subnets, security groups and `elasticIps` of the connector.',
  },
  NetworkConnectorRetainedVersionsInvalid: {
    means: '`retainedVersions` of the connector is out of range.',
    remedy: 'Use a whole number in the range that the error names.',
  },
  NetworkConnectorSecurityGroupsInvalid: {
    means: 'The connector has no security group, or too many.',
    remedy: 'Pass as many as the error names. Without `securityGroups`, the connector gets one that allows no egress.',
  },
  NetworkConnectorSubnetsInvalid: {
    means: '`vpcSubnets` selects no subnet, or too many.',
    remedy: 'Select as many as the error names, for example by `subnetType` or `availabilityZones`.',
  },
  NetworkConnectorTagsInvalid: {
    means: 'A tag of the connector or of its stack is reserved or not valid, or there are too many tags.',
    remedy: 'Use another key or value, or fewer tags.',
  },
  NetworkConnectorTimeoutInvalid: {
    means: '`deploymentTimeout` of the connector is out of range.',
    remedy: 'Use a duration in the range that the error names, in whole seconds.',
  },
  NetworkConnectorZoneRejected: {
    means: 'A subnet is in an Availability Zone that the service does not support for MicroVMs.',
    remedy: 'Leave the subnet out, for example with `vpcSubnets: { availabilityZones: [...] }`.',
  },
  NetworkTeamBootstrapShared: {
    means: 'A stack of the network team is deployed with the default bootstrap of the CDK. Developers may write to its bucket, and so replace the code of the team.',
    remedy: 'Deploy the stack with a `NetworkTeamSynthesizer`, and bootstrap once with the template that it writes.',
    example: "synthesizer: stack 'Network' of the network team is deployed with the bootstrap that developers share (qualifier 'hnb659fds'); ... [NetworkTeamBootstrapShared at Network]",
  },
  NetworkTeamSynthesizerInvalid: {
    means: 'The path, the qualifier or the permission sets of a `NetworkTeamSynthesizer` are not valid, or two with the same qualifier differ.',
    remedy: 'Use values in the range that the error names. Use one synthesizer for all stacks with the same qualifier.',
  },
  WebIdentityLaunchRoleInvalid: {
    means: 'The issuer, audiences or subjects of a `WebIdentityLaunchRole` are not valid, or would admit everybody.',
    remedy: 'Use complete names, and name the owner of the tokens. A subject may contain `*` and `?` after its second complete segment.',
  },
  WebIdentityLaunchRoleOnlyLaunches: {
    means: 'A `WebIdentityLaunchRole` received permissions other than the grants of launchers, from a policy of any stack of the app.',
    remedy: 'Remove the role from the policy that the error names. Create another role for these permissions.',
  },
  WebIdentityLaunchRoleTrustChanged: {
    means: 'Something changed the trust policy of a `WebIdentityLaunchRole`. Only tokens with the given audiences and subjects may assume this role.',
    remedy: 'Remove the change. Create another role for other principals. You may add statements that deny.',
  },
} as const satisfies Record<string, Diagnostic>;

/** Warnings at synth: `cdk synth` continues. `Annotations.of(scope).acknowledgeWarning(code)` silences a warning. */
export const SYNTHESIS_WARNINGS = {
  'cdk-lambda-microvms:buildRoleNotModified': {
    means: 'The app cannot change `buildRole`, so the library did not add the permissions that builds need.',
    remedy: 'Make sure that the role allows what the warning lists.',
  },
  'cdk-lambda-microvms:elasticIpsOutsidePublicSubnets': {
    means: 'A connector with `elasticIps` is in subnets that are not public. Without a route to an internet gateway, an elastic IP has no effect.',
    remedy: 'Select public subnets, for example by omitting `vpcSubnets`. To use private subnets, omit `elasticIps`.',
  },
  'cdk-lambda-microvms:environmentLooksSecret': {
    means: 'The name of a variable of `environment` looks like a secret. The template shows its value, and every MicroVM starts with it.',
    remedy: 'Grant the execution role access to the secret, and read the secret in the MicroVM.',
  },
  'cdk-lambda-microvms:executionRoleNotModified': {
    means: 'The app cannot change `executionRole`, so the library did not add the permissions that logging needs.',
    remedy: 'Make sure that the role allows what the warning lists.',
  },
  'cdk-lambda-microvms:operatorRoleNotModified': {
    means: 'The app cannot change `operatorRole`, so the library did not add the permissions that network interfaces need.',
    remedy: 'Make sure that the role allows what the warning lists.',
  },
  'cdk-lambda-microvms:publicSubnetsWithoutElasticIps': {
    means: 'A connector without `elasticIps` is in public subnets. Its network interfaces have no public IPv4 address, so MicroVMs reach nothing outside the VPC over IPv4.',
    remedy: 'Set `elasticIps: NetworkConnectorElasticIps.SERVICE_MANAGED`, or select private subnets. If MicroVMs shall reach only the VPC, acknowledge the warning.',
  },
  'cdk-lambda-microvms:securityGroupTakenToAllowAll': {
    means: 'CDK assumes that an imported security group allows all egress, so `connections.allowTo` creates no egress rule for it.',
    remedy: 'Import the group with `allowAllOutbound: false`, or make sure that it has the rules it needs.',
  },
} as const satisfies Record<string, Diagnostic>;

/** Errors in a deployment. A state machine sees those of `MicrovmStateMachineFragment` as names of errors. */
export const DEPLOYMENT_ERRORS = {
  DeploymentTimedOut: {
    means: 'The operation did not finish within `deploymentTimeout`. The error names what the deployment waited for.',
    remedy: 'Fix the cause in the last response of the service, or increase `deploymentTimeout`. Then deploy again.',
  },
  MicrovmBaseImageUnavailable: {
    means: 'The base image, or the version that you asked for, does not exist or no longer exists.',
    remedy: 'Omit the version, or use another `baseImage`.',
  },
  MicrovmImageBuildFailed: {
    means: 'A build of the image failed.',
    remedy: 'Fix the cause that the error names. It has the reason for each processor generation, hints, and the end of the build log.',
    example: [
      "the build of version 3.0 of microvm image 'sandbox' failed [MicrovmImageBuildFailed]",
      'Graviton 4: CONTAINER_BUILD_FAILED: ...',
      'hint: code: the Dockerfile does not build; ...',
      'the log ends with:',
      'ERROR: failed to compute cache key: "/server.js": not found',
    ].join('\n'),
  },
  MicrovmImageExists: {
    means: 'An image of this name already exists. No stack of this library owns it.',
    remedy: 'Choose another name, delete that image, or adopt it with `adoptExisting`.',
  },
  MicrovmImageInUse: {
    means: 'The image has running MicroVMs. `microvmTermination` does not let this deployment terminate them, or its list is too long to find them.',
    remedy: 'Terminate the MicroVMs with the commands in the error, or first deploy another value of `microvmTermination`.',
  },
  MicrovmImageOwnedElsewhere: {
    means: 'An image of this name belongs to another resource, in this stack or in another one.',
    remedy: 'Choose another name. If that resource no longer exists, run the command in the error, which releases the image.',
  },
  MicrovmImageRejected: {
    means: 'The service rejected the request to create or update the image.',
    remedy: 'Change what the service names in the error.',
  },
  MicrovmImageTagTaken: {
    means: 'A tag of the adopted image has the same key as a tag of the template, and its value cannot be recorded. The library could not restore it later.',
    remedy: 'Use another key in the template.',
  },
  MicrovmImageVersionForged: {
    means: 'A version of the image has the marker of this deployment, but another build role, code or base image than the deployment requested.',
    remedy: 'Find out with AWS CloudTrail who called UpdateMicrovmImage or CreateMicrovmImage, and remove their permission. Then deploy again.',
  },
  MicrovmImageVersionQuotaReached: {
    means: 'The image has as many versions as the quota allows, and the deployment can delete none of them.',
    remedy: 'Delete versions with the command in the error, terminate MicroVMs of old versions, or increase the quota L-F8BECE9C.',
  },
  MicrovmLaunchRecordUnreadable: {
    means: 'An SSM parameter that records a launch is not what the deployment wrote, so somebody changed it.',
    remedy: 'Read the parameters that the error names, terminate the MicroVMs that they name, and delete the parameters. Then deploy again.',
  },
  MicrovmLaunchRejected: {
    means: 'The service rejected the launch of a MicroVM.',
    remedy: 'Change what the service and the hint name in the error.',
    example: [
      'the service rejected the launch: ... [MicrovmLaunchRejected]',
      'hint: egress: the connector must be active, for MicroVMs, and in the same account and Region',
    ].join('\n'),
  },
  MicrovmLaunchTimedOut: {
    means: 'A MicroVM of a state machine did not run within `launchTimeout`.',
    remedy: 'Increase `launchTimeout`. The log of the MicroVM shows what takes long.',
  },
  MicrovmQuotaReached: {
    means: 'The MicroVMs of the account use up a quota. The deployment repeated its request for five minutes.',
    remedy: 'Terminate MicroVMs, or increase the quota. If the error lists MicroVMs that a launch may have created, terminate those that nobody uses.',
  },
  MicrovmTerminatedEarly: {
    means: 'A MicroVM terminated before it ran, or before it was healthy.',
    remedy: 'Fix the cause that the error names. The error shows the end of the log of the MicroVM, unless `showLogInErrors` is false.',
    example: [
      'MicroVM microvm-1234 terminated early: the run hook failed [MicrovmTerminatedEarly]',
      'the log ends with:',
      'Error: boom: no config',
    ].join('\n'),
  },
  MicrovmUnhealthy: {
    means: 'A MicroVM runs, but does not answer the health check with a 2xx status.',
    remedy: 'Follow the hint in the error. The error shows the end of the log of the MicroVM, unless `showLogInErrors` is false.',
    example: [
      'MicroVM microvm-1234 runs, but GET /health on port 8080 was answered with 404 [MicrovmUnhealthy]',
      'hint: healthCheck.path: the server answers, but not on this path; use a path that it serves',
    ].join('\n'),
  },
  NetworkConnectorDeletionFailed: {
    means: 'A connector of this name exists, because the service could not finish an earlier deletion.',
    remedy: 'Delete the connector with the command in the error, or choose another name.',
  },
  NetworkConnectorExists: {
    means: 'A connector of this name already exists. No stack of this library owns it.',
    remedy: 'Choose another name, or delete that connector if nobody uses it.',
  },
  NetworkConnectorFailed: {
    means: 'A new connector did not become active.',
    remedy: 'Fix the cause that the error names.',
    example: [
      "network connector 'internal' did not become active: SubnetOutOfIPAddresses [NetworkConnectorFailed]",
      'hint: vpcSubnets: a subnet has no free addresses; use larger ones, or others',
    ].join('\n'),
  },
  NetworkConnectorInUse: {
    means: 'Running MicroVMs use the connector and would lose their network, or their list is too long to be sure that none does.',
    remedy: 'Terminate the MicroVMs that the error lists, or first deploy `NetworkConnectorDeletion.WAIT_UNTIL_UNUSED` or `FORCE`.',
    example: "network connector 'internal' is in use, and its deletion would cut off the network of MicroVMs: microvm-1234; ... [NetworkConnectorInUse]",
  },
  NetworkConnectorNotActive: {
    means: 'The deployment found a connector by its name, but the connector is not usable.',
    remedy: 'Deploy the connector again, in the app that creates it.',
  },
  NetworkConnectorNotFound: {
    means: 'No connector has the name that the deployment searched for.',
    remedy: 'Deploy the connector first, in the same account and Region, or fix the name.',
  },
  NetworkConnectorOwnedElsewhere: {
    means: 'A connector of this name belongs to another resource, in this stack or in another one.',
    remedy: 'Choose another name. If that resource no longer exists, delete the connector.',
  },
  NetworkConnectorPlacementInUse: {
    means: 'An update would remove a subnet or security group from a connector that MicroVMs use. Their version of the connector holds it, or their list is too long to be sure. The update has changed nothing.',
    remedy: 'Terminate the MicroVMs that the error lists, and deploy again. Or set `placementRemoval` to `WAIT_UNTIL_UNUSED`, or to `KEEP_UNTIL_UNUSED` if you '
      + 'keep what you remove from the connector.',
    example: "vpcSubnets: network connector 'internal' cannot lose subnet-1234 while MicroVMs use the connector: microvm-1234; ... [NetworkConnectorPlacementInUse]",
  },
  NetworkConnectorQuotaReached: {
    means: 'The account has reached its quota of connectors, or the connector its quota of versions.',
    remedy: 'Increase the quota, delete connectors, or retain fewer versions.',
  },
  NetworkConnectorRejected: {
    means: 'The service rejected the request to create or update the connector.',
    remedy: 'Change what the service and the hint name in the error.',
  },
  NetworkConnectorUnchangeable: {
    means: 'An update would change the VPC or protocol of a connector, but keep its name. The service cannot do that.',
    remedy: 'Give the connector another name, or the construct another ID, as the error says.',
  },
  NetworkConnectorUpdateFailed: {
    means: 'The service could not apply an update. The connector stays as it was before.',
    remedy: 'Fix the cause that the error names.',
  },
  PermissionDenied: {
    means: 'A role of the deployment is not allowed to do what the error names.',
    remedy: 'Allow it in the policy of that role. A permissions boundary, a service control policy or a guardrail may also deny it.',
    example: [
      'AccessDeniedException: User: ... is not authorized to perform: lambda:PassNetworkConnector on resource: ... [PermissionDenied]',
      'hint: a permissions boundary, service control policy or guardrail may deny it',
    ].join('\n'),
  },
  RegionNotSupported: {
    means: 'The Region of the stack does not have Lambda MicroVMs. The service denies every call there.',
    remedy: 'Deploy the stack to a Region that has the service.',
    example: 'this Region does not have Lambda MicroVMs: the service denies every call; deploy the stack to a Region that has them [RegionNotSupported]',
  },
} as const satisfies Record<string, Diagnostic>;

export type SynthesisErrorCode = keyof typeof SYNTHESIS_ERRORS;
export type SynthesisWarningCode = keyof typeof SYNTHESIS_WARNINGS;
export type DeploymentErrorCode = keyof typeof DEPLOYMENT_ERRORS;

/** The page that explains all codes. A test compares it with the repository in package.json. */
export const DOCUMENTATION = 'https://github.com/cdklambdamicrovms/cdk-lambda-microvms/blob/main/docs/guides/errors.md';

/** The address of the heading that explains a code. Errors and warnings end with it. */
export function addressOf(code: SynthesisErrorCode | SynthesisWarningCode | DeploymentErrorCode): string {
  // GitHub makes anchors from headings in this way.
  return `${DOCUMENTATION}#${code.toLowerCase().replace(/[^a-z0-9-]/g, '')}`;
}
