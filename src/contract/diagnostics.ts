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
  MicrovmCodeDockerfileInvalid: {
    means: 'Docker cannot build from the Dockerfile: it is empty, has no FROM line, or has a line that Docker does not accept.',
    remedy: 'Fix the line that the error names. Builds of the service pass no build arguments, so each ARG of a FROM line needs a default.',
    example: 'code: line 1 of the Dockerfile has the unknown instruction FORM; did you mean FROM? [MicrovmCodeDockerfileInvalid at App/Sandbox]',
  },
  MicrovmCodeDockerfileNotFound: {
    means: 'The directory or ZIP file of the code has no file named `Dockerfile` at its root, or no file of the name that `dockerfile` gives.',
    remedy: 'Put the Dockerfile at the root, under exactly this name, or name it with the option `dockerfile` of a directory. In a ZIP file, zip the contents of the directory, not the directory.',
    example: "code: /app/sandbox has no file named Dockerfile at its root, only 'dockerfile'; ... [MicrovmCodeDockerfileNotFound at App/Sandbox]",
  },
  MicrovmCodeDockerfilePlatformInvalid: {
    means: 'The final FROM line names another platform than `architectures`, so no program of the image would run.',
    remedy: 'Remove `--platform` from the FROM line, or set `architectures`. If the image has several architectures, the FROM line must fit all of them.',
  },
  MicrovmCodeDockerfilePullNotGranted: {
    means: 'The Dockerfile names an image in a private ECR repository, and the build role has no permission to pull it.',
    remedy: 'Add the line of code that the error shows, which grants the permission to the build role.',
  },
  MicrovmCodeDockerfileSecretMissing: {
    means: 'A `RUN --mount` of the Dockerfile requires a secret or an SSH agent. Builds of the service have neither.',
    remedy: 'Let the instruction read the secret with the credentials of the build role.',
  },
  MicrovmCodeDockerfileSourceNotFound: {
    means: 'The Dockerfile copies a file or directory that is not uploaded, because it does not exist or is left out.',
    remedy: 'Correct the path. If the file is left out, include it with the pattern that the error shows.',
    example: "code: line 2 of the Dockerfile copies '.npmrc', which is left out by default (.npmrc); include it with exclude: ['!.npmrc'] [MicrovmCodeDockerfileSourceNotFound at App/Sandbox]",
  },
  MicrovmCodeEcrImageInvalid: {
    means: 'The image of `MicrovmCode.fromEcrImage` or `fromImageAsset` has an invalid tag or digest, is in another account or Region, or has a URI that is not known at synth.',
    remedy: 'Use a repository with a known name in the account and Region of the image, and set `env` on the stack.',
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
  MicrovmImageCrossEnvironment: {
    means: 'An image and something that its builds use are in different accounts or Regions.',
    remedy: 'Use a bucket, a log group and a key in the Region of the image, and a log group and a build role of its account.',
  },
  MicrovmImageEnvironmentInvalid: {
    means: 'A variable of `environment` is reserved, has an invalid name or is too long, or there are too many variables.',
    remedy: 'Rename the variable, or put the value into a file of the code.',
  },
  MicrovmImageNameDuplicate: {
    means: 'Two images of the app have the same `microvmImageName` in the same account and Region.',
    remedy: 'Use another name for one of them, or omit `microvmImageName`.',
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
  MicrovmLauncherConnectionsUnknown: {
    means: 'The app uses `connections` of a launcher whose egress has no security groups, or none that the app knows.',
    remedy: 'Use `MicrovmEgress.connector()` with a `NetworkConnector`, or with one that is imported with `securityGroups`.',
  },
  MicrovmLauncherCrossEnvironment: {
    means: 'A launcher and something that it uses, or that uses it, are in different accounts or Regions.',
    remedy: 'Use resources of the same account and Region. Create an image and a launcher in each account and Region that launches.',
    example: 'image: is in 123456789012/us-east-1, and this construct in 123456789012/eu-west-1; images of another account or Region cannot be used; ... [MicrovmLauncherCrossEnvironment at App/Launcher]',
  },
  MicrovmLauncherEnvironmentTooLarge: {
    means: 'The environment variables of a function, with the launch requests, are larger than Lambda accepts.',
    remedy: 'Publish the launchers with `publish`, and pass what it returns to the function with `addToFunction`.',
  },
  MicrovmLauncherEnvironmentVariableInvalid: {
    means: 'The name of the environment variable for the launch request is not valid.',
    remedy: 'Use letters, digits and underscores, and start with a letter.',
  },
  MicrovmLauncherEnvironmentVariableTaken: {
    means: '`addToFunction` would overwrite the launch request of another launcher in the same function.',
    remedy: 'Pass another `environmentVariable` for one of the two launchers.',
    example: "environmentVariable: 'MICROVM_LAUNCH_REQUEST' of App/Backend is already for launcher App/First; ... [MicrovmLauncherEnvironmentVariableTaken at App/Second]",
  },
  MicrovmLauncherExecutionRoleInvalid: {
    means: '`omitExecutionRole` is combined with `executionRole`, or with logging, which needs a role.',
    remedy: 'Remove `omitExecutionRole` or `executionRole`. Without a role, set `logging` to `MicrovmLogging.disabled()`.',
  },
  MicrovmLauncherImageVersionInvalid: {
    means: '`imageVersion` of the launcher is not a version, or the version of this image is unknown at synth.',
    remedy: 'Use `MicrovmImageVersion.of()` with a version such as `3.0`, or `MicrovmImageVersion.latestActive()`.',
  },
  MicrovmLauncherNoExecutionRole: {
    means: 'A grant to a launcher, or its `executionRole`, needs a role, and the launcher has none.',
    remedy: 'Remove `omitExecutionRole` of the launcher, or the grant.',
  },
  MicrovmLauncherNoIngress: {
    means: '`grantConnect` has no effect, because the launcher has no ingress.',
    remedy: 'Give the launcher `MicrovmIngress.http()`, or remove the grant.',
  },
  MicrovmLauncherNoShell: {
    means: '`grantShell` has no effect, because the launcher has no shell ingress.',
    remedy: 'Give the launcher `MicrovmIngress.httpWithShell()`, or remove the grant.',
  },
  MicrovmLauncherPublicationInvalid: {
    means: 'The name under which a launcher is published is not a path that Parameter Store accepts or is reserved, the launcher is already published, or its request is longer than 4,096 bytes.',
    remedy: 'Use a path such as `/sandbox/launcher`, and publish a launcher once. If the request is too long, remove request overrides.',
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
  MicrovmPayloadInvalid: {
    means: 'A launch has both `payload` and `payloadObject`, or an object that cannot become JSON.',
    remedy: 'Set one of the two. Use texts, numbers, booleans, lists and objects in it.',
  },
  MicrovmPayloadTooLong: {
    means: 'The payload is longer than the run hook accepts, or, together with the launch request, longer than a deployment can store.',
    remedy: 'Put the payload into S3 or a parameter, and pass the name of the object or parameter.',
  },
  MicrovmPayloadWithoutRunHook: {
    means: 'The launch has a payload, but the image has no run hook to receive it.',
    remedy: 'Give the image `MicrovmHooks.withReady` with `run`.',
  },
  MicrovmPropertyTypeInvalid: {
    means: 'A required property is missing, or a value has the wrong type, such as `null`, or a number instead of a `Duration`. The compilers of TypeScript and Java find this mistake earlier.',
    remedy: 'Pass what the error names. Leave an optional property out instead of passing `null`.',
    example: 'memory: a Size is not valid; pass MicrovmMemory.GIB_2 or MicrovmMemory.of(size), or omit it [MicrovmPropertyTypeInvalid at App/Sandbox]',
  },
  MicrovmProviderCopiesDiffer: {
    means: 'A stack has constructs of two copies of this library with different versions or handlers. A stack can have only one handler, and it cannot serve the constructs of the other copy.',
    remedy: 'Run `npm ls cdk-lambda-microvms`. Let both dependents use one version: in libraries, declare `cdk-lambda-microvms` as a peer dependency.',
  },
  MicrovmProviderIdTaken: {
    means: 'A construct of yours in the stack has the ID `CdkLambdaMicrovms`, under which this library creates its handler.',
    remedy: 'Use another ID for your construct.',
  },
  MicrovmProviderOptionsInvalid: {
    means: 'The options of `MicrovmProvider.configure` contradict each other, are out of range, or name a VPC or log group that a stack cannot use.',
    remedy: 'Set `vpc` together with `vpcSubnets` and `securityGroups`, use private subnets, and set the options of logs only without `logGroup`. Configure stacks of other accounts and Regions separately.',
  },
  MicrovmRemovalPolicyInvalid: {
    means: 'A removal policy is `SNAPSHOT`. CloudFormation takes no snapshots of images, connectors and log groups.',
    remedy: 'Use `RemovalPolicy.RETAIN` to keep it, or `RemovalPolicy.DESTROY`.',
  },
  MicrovmRequestOverrideInvalid: {
    means: 'A request override has no valid path or no value, or it overrides a member that deployments or callers determine.',
    remedy: 'Use names of members with dots between them, and the index of a list element: `logging.cloudWatch.logGroup`, `items.0`.',
  },
  MicrovmSecretReferenceInvalid: {
    means: 'A property contains a dynamic reference to a secret (`secretsmanager` or `ssm-secure`), also as a `SecretValue`. CloudFormation does not resolve these references in custom resources.',
    remedy: 'Pass the ARN or name of the secret. Grant the execution role access to the secret, as with `secret.grantRead(launcher)`, and read the secret in the run hook.',
    example: 'environment.DB_PASSWORD: the value is a dynamic reference to a secret, ... [MicrovmSecretReferenceInvalid at App/Sandbox]',
  },
  MicrovmSessionTaggingInvalid: {
    means: '`SessionTagging.keyPatterns` has no pattern, or a pattern that is empty or too long.',
    remedy: 'Use at least one pattern, or `SessionTagging.none()`.',
  },
  MicrovmStateMachineFragmentInvalid: {
    means: 'A property of the state machine fragment is out of range, or does not fit the query language of the state machine.',
    remedy: 'Use a value in the range that the error names. In a state machine in JSONata, create the states of the body with their `jsonata` methods.',
    example: "body: state 'Work' is in JSONPath, but the state machine is in JSONata; ... [MicrovmStateMachineFragmentInvalid at App/Sandboxed]",
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
  NetworkConnectorCrossEnvironment: {
    means: 'A network connector and something that it uses, or that uses it, are in different accounts or Regions.',
    remedy: 'Use resources of the same account and Region. Create a connector in each account and Region that needs one. Import a VPC that another account shares into the stack of the connector.',
    example: 'vpc: is in 111122223333/us-east-1, and this construct in 123456789012/us-east-1; VPCs of another account or Region cannot be used; ... [NetworkConnectorCrossEnvironment at Network/Internal]',
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
  NetworkConnectorNameDuplicate: {
    means: 'Two connectors of the app have the same `networkConnectorName` in the same account and Region.',
    remedy: 'Use another name for one of them, or omit `networkConnectorName`.',
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
  'cdk-lambda-microvms:buildEgressAllowsNothing': {
    means: 'An image is built through a connector whose security groups permit no egress. Builds can fetch neither base images nor packages.',
    remedy: 'Add rules to the connector, for example `connector.connections.allowToAnyIpv4(ec2.Port.tcp(443))`, or build with `MicrovmEgress.internet()`.',
  },
  'cdk-lambda-microvms:buildEgressIsolated': {
    means: 'An image is built through a connector that has only isolated subnets, and the app creates neither routes nor endpoints for them. Builds reach nothing outside the VPC.',
    remedy: 'Select subnets with egress, or build with `MicrovmEgress.internet()`. If the VPC has its own registry and endpoints, acknowledge the warning.',
  },
  'cdk-lambda-microvms:buildRoleNotAssumable': {
    means: 'The trust policy of `buildRole` does not let the service assume the role as its documentation requires.',
    remedy: "Create the role with `assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com').withSessionTags()`, or omit `buildRole`.",
  },
  'cdk-lambda-microvms:buildRoleNotModified': {
    means: 'The app cannot change `buildRole`, so the library did not add the permissions that builds need.',
    remedy: 'Make sure that the role allows what the warning lists.',
  },
  'cdk-lambda-microvms:dockerfileCopiesNothing': {
    means: 'A pattern of COPY or ADD matches no file that is uploaded. Docker then copies nothing, and continues.',
    remedy: 'Correct the pattern, or include files that are left out with `exclude`. If the files are optional, acknowledge the warning.',
  },
  'cdk-lambda-microvms:dockerfileHooksPortNotExposed': {
    means: 'The Dockerfile exposes ports, but not `hooks.port`. EXPOSE itself has no effect on hooks.',
    remedy: 'Correct the port if the application does not answer hooks there. Otherwise add the port to EXPOSE, or acknowledge the warning.',
  },
  'cdk-lambda-microvms:dockerfilePlatformDiffers': {
    means: 'A FROM line names an image that seems to be for another platform than the MicroVM image. Then its programs do not start.',
    remedy: 'Use an image for the right platform, or `--platform=$BUILDPLATFORM` for a compiler. If no program of the image runs, acknowledge the warning.',
  },
  'cdk-lambda-microvms:dockerfilePullNotGranted': {
    means: 'The Dockerfile names an image in a private ECR repository. Nothing in the app permits your build role to pull it.',
    remedy: 'Add the line of code that the warning shows. If the role has the permission from elsewhere, acknowledge the warning.',
  },
  'cdk-lambda-microvms:dockerfileSecretMissing': {
    means: 'A `RUN --mount` of the Dockerfile mounts a secret or an SSH agent. Builds of the service have neither, so the instruction runs without it.',
    remedy: 'Let the instruction read the secret with the credentials of the build role. If the instruction works without it, acknowledge the warning.',
  },
  'cdk-lambda-microvms:dockerfileStageLater': {
    means: 'The Dockerfile copies from a stage that begins after the instruction. Docker looks for an image of this name instead.',
    remedy: 'Move the stage before the one that uses it. If an image of this name is meant, rename the stage or acknowledge the warning.',
  },
  'cdk-lambda-microvms:elasticIpsOutsidePublicSubnets': {
    means: 'A connector with `elasticIps` is in subnets that are not public. Without a route to an internet gateway, an elastic IP has no effect.',
    remedy: 'Select public subnets, for example by omitting `vpcSubnets`. To use private subnets, omit `elasticIps`.',
  },
  'cdk-lambda-microvms:environmentLooksSecret': {
    means: 'A variable of `environment` looks like a secret, by its name or by the form of its value. The template shows its value, and every MicroVM starts with it.',
    remedy: 'Grant the execution role access to the secret, and read the secret in the MicroVM.',
  },
  'cdk-lambda-microvms:executionRoleNotAssumable': {
    means: 'The trust policy of `executionRole` does not let the service assume the role as its documentation requires.',
    remedy: "Create the role with `assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com').withSessionTags()`, or omit `executionRole`.",
  },
  'cdk-lambda-microvms:executionRoleNotModified': {
    means: 'The app cannot change `executionRole`, so the library did not add the permissions that logging needs.',
    remedy: 'Make sure that the role allows what the warning lists.',
  },
  'cdk-lambda-microvms:grantWithoutEffect': {
    means: 'A grant to a service, an account, an organization, an ARN, or a role of another account permits nothing. Such principals need a resource policy, which images and connectors do not have.',
    remedy: 'Grant to a role of the account of the image or connector. Let a principal of another account assume that role.',
  },
  'cdk-lambda-microvms:idlePolicyBeyondMaximumDuration': {
    means: 'A duration of `idlePolicy` is so long that a MicroVM reaches its `maximumDuration` first. Time in suspension counts.',
    remedy: 'Use a shorter duration, or omit `idlePolicy`.',
  },
  'cdk-lambda-microvms:idlePolicyWithoutIngress': {
    means: 'A launcher has an `idlePolicy`, and an ingress that admits no requests. A MicroVM without requests is idle, so the service suspends it in the middle of its work.',
    remedy: 'Omit `idlePolicy`, and let the application or a backend terminate the MicroVM.',
  },
  'cdk-lambda-microvms:operatorRoleNotAssumable': {
    means: 'The trust policy of `operatorRole` does not name the service, or has a condition on a key that the service does not send. The deployment of the connector fails.',
    remedy: "Create the role with `assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com')` and without conditions, or omit `operatorRole`.",
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
