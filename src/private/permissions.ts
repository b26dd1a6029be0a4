import type { IResolvable } from 'aws-cdk-lib';
import { Lazy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { concisePolicy } from './concise';

/** Actions that are always allowed together, on the same resources. */
export interface Permission {
  readonly purpose: string;
  readonly actions: string[];
  /** The resources, in words. */
  readonly on: string;
  /** Why the resources cannot be narrower; present if a resource is `*` or contains a wildcard. */
  readonly star?: string;
  /** Whether statements deny the actions. */
  readonly isDeny?: boolean;
}

const NO_RESOURCE_TYPE = 'the action has no resource type';
const A_DENY = 'a deny grants nothing';

/** What Lambda needs to connect a function to a VPC, as in the managed policy AWSLambdaVPCAccessExecutionRole. */
const VPC_ACTIONS = [
  'ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', 'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses',
];

/**
 * Everything that the roles and the grants of this library allow and deny. The resource types are those of the Service
 * Authorization Reference (service-facts.md, 2.1).
 */
export const PERMISSIONS = {
  /** The function role of a stack's handler, and the roles of the provider framework. */
  provider: {
    logs: {
      purpose: 'write the log of the handler and of the framework that calls it',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      on: 'the provider\'s log group',
    },
    stack: {
      purpose: 'check whether CloudFormation still waits for an operation',
      actions: ['cloudformation:DescribeStackResource', 'cloudformation:DescribeStacks'],
      on: 'its own stack',
    },
    baseImages: {
      purpose: 'find the newest available version of a base image',
      actions: ['lambda:ListManagedMicrovmImageVersions'],
      on: 'the images that AWS manages',
      star: 'public data; one handler serves images on any base image; the account in the ARN is "aws"',
    },
  },

  /** What `MicrovmProvider.configure` adds to the roles of the provider, of its framework and of fragments. */
  providerOptions: {
    network: {
      purpose: 'connect the functions to the VPC; absent without vpc',
      actions: VPC_ACTIONS,
      on: '*, but not for the code of a function',
      star: 'Lambda documents these permissions for all resources of EC2 only; the next statement keeps them from the code of the functions',
    },
    networkFromCode: {
      purpose: 'keep these permissions from the code of the functions',
      actions: VPC_ACTIONS,
      on: '*, for calls from the code of a function',
      star: A_DENY,
      isDeny: true,
    },
    trace: {
      purpose: 'send traces of the functions to X-Ray; absent without tracing',
      actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
      on: '*',
      star: NO_RESOURCE_TYPE,
    },
    traceStateMachine: {
      purpose: 'send traces of the state machine that polls to X-Ray; absent without active tracing',
      actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
      on: '*',
      star: NO_RESOURCE_TYPE,
    },
  },

  /** The resource role of an image. */
  imageHandler: {
    create: {
      purpose: 'create the image with its owner tags',
      actions: ['lambda:CreateMicrovmImage', 'lambda:TagResource'],
      on: '*, if the request carries the owner tags of this resource and no tags but its own, and what is tagged has no owner',
      star: 'CreateMicrovmImage has no resource type, and the tags of a create request are authorized before the image has an ARN',
    },
    tagOthers: {
      purpose: 'put these tags on nothing in Lambda except images',
      actions: ['lambda:TagResource'],
      on: 'everything else in Lambda that has tags',
      star: A_DENY,
      isDeny: true,
    },
    image: {
      purpose: 'describe, update, tag and delete the image',
      actions: [
        'lambda:GetMicrovmImage', 'lambda:UpdateMicrovmImage', 'lambda:DeleteMicrovmImage', 'lambda:TagResource', 'lambda:UntagResource',
      ],
      on: 'the image',
    },
    versions: {
      purpose: 'list, activate, deactivate and delete its versions',
      actions: ['lambda:ListMicrovmImageVersions', 'lambda:UpdateMicrovmImageVersion', 'lambda:DeleteMicrovmImageVersion'],
      on: 'the image',
    },
    tags: {
      purpose: 'read the owner tags of the image if GetMicrovmImage shows none; no recording shows them there',
      actions: ['lambda:ListTags'],
      on: 'the image',
    },
    builds: {
      purpose: 'find out why a build failed',
      actions: ['lambda:ListMicrovmImageBuilds'],
      on: 'the image',
    },
    listMicrovms: {
      purpose: 'find MicroVMs that use a version or block the deletion of the image',
      actions: ['lambda:ListMicrovms'],
      on: '*',
      star: NO_RESOURCE_TYPE,
    },
    terminateMicrovms: {
      purpose: 'terminate the MicroVMs of an image before its deletion; absent if microvmTermination is NEVER',
      actions: ['lambda:TerminateMicrovm'],
      on: 'the image',
    },
    passBuildRole: {
      purpose: 'pass the build role to the service, without the condition key iam:PassedToService, with which IAM denies the call (service-facts.md, 2.4)',
      actions: ['iam:PassRole'],
      on: 'the build role',
    },
    passBuildEgress: {
      purpose: 'let builds use the network connector',
      actions: ['lambda:PassNetworkConnector'],
      on: 'the managed connector, or the connector and its versions',
      star: 'it is not known whether the service authorizes the ARN with or without a version (service-facts.md, 2.3)',
    },
    buildLogStreams: {
      purpose: 'find the log of a failed build',
      actions: ['logs:DescribeLogStreams'],
      on: 'the image\'s log group',
    },
    buildLog: {
      purpose: 'show the end of the build log in the error',
      actions: ['logs:GetLogEvents'],
      on: 'the image\'s log group',
    },
  },

  /** The resource role of a network connector. */
  connectorHandler: {
    create: {
      purpose: 'create the connector with its owner tags, in its own subnets and with its own security groups',
      actions: ['lambda:CreateNetworkConnector'],
      on: 'the connectors of the account and Region, if the request carries the owner tags of this resource and names no subnets and security groups but its own',
      star: 'the ID of a connector is not known before it exists; the conditions restrict the request',
    },
    tagAtCreation: {
      purpose: 'set the tags of the request that creates the connector',
      actions: ['lambda:TagResource'],
      on: '*, if the request carries the owner tags of this resource and no tags but its own, and what is tagged has no owner',
      star: 'the tags of a create request are authorized before the connector has an ARN',
    },
    tagOthers: {
      purpose: 'put these tags on nothing that exists without owner tags: neither on a connector, which they would make deletable, nor on anything else in Lambda',
      actions: ['lambda:TagResource'],
      on: 'connectors without an owner, and everything else in Lambda that has tags',
      star: A_DENY,
      isDeny: true,
    },
    read: {
      purpose: 'describe the connector, its versions and tags',
      actions: ['lambda:GetNetworkConnector', 'lambda:ListNetworkConnectorVersions', 'lambda:ListTags'],
      on: 'the connectors of the account and Region',
      star: 'the ID of a connector is not known before it exists; with a condition on tags, a missing connector answers AccessDenied instead of not found',
    },
    change: {
      purpose: 'update, tag and delete the connector and its old versions',
      actions: ['lambda:UpdateNetworkConnector', 'lambda:DeleteNetworkConnector', 'lambda:TagResource', 'lambda:UntagResource'],
      on: 'connectors with the owner tags of this resource',
      star: 'the ID of a connector is not known before it exists; the condition on tags restricts the connectors',
    },
    listMicrovms: {
      purpose: 'find MicroVMs that use the connector',
      actions: ['lambda:ListMicrovms'],
      on: '*',
      star: NO_RESOURCE_TYPE,
    },
    microvms: {
      purpose: 'find out which network connector a MicroVM uses',
      actions: ['lambda:GetMicrovm'],
      on: 'the images of the account and Region',
      star: 'MicroVMs of any image may use the connector, and IAM authorizes calls to MicroVMs on their image',
    },
    passOperatorRole: {
      purpose: 'pass the operator role to the service, without the condition key iam:PassedToService, with which IAM denies the call (service-facts.md, 2.4)',
      actions: ['iam:PassRole'],
      on: 'the operator role',
    },
  },

  /**
   * What the service may do with the permissions of whoever creates or updates a connector. The schema of the
   * CloudFormation type requires it, and the Service Authorization Reference does not (service-facts.md, 2.5).
   */
  connectorCaller: {
    serviceLinkedRole: {
      purpose: 'let the service create its service-linked role, with which it deletes network interfaces; AWS\'s sources disagree whether it is needed',
      actions: ['iam:CreateServiceLinkedRole'],
      on: 'the role AWSServiceRoleForLambda, for the service lambda.amazonaws.com only',
    },
    placement: {
      purpose: 'let the service describe subnets and security groups of a connector; AWS\'s sources disagree whether it is needed',
      actions: ['ec2:DescribeSubnets', 'ec2:DescribeSecurityGroups'],
      on: '*',
      star: NO_RESOURCE_TYPE,
    },
  },

  /** The resource role of a lookup of a connector by name. */
  connectorLookup: {
    read: {
      purpose: 'find a connector by its name',
      actions: ['lambda:GetNetworkConnector'],
      on: 'the connectors of the account and Region',
      star: 'the ARN contains the ID of the connector, and only its name is known',
    },
  },

  /** The operator role, with which the service creates the network interfaces of a connector. */
  operator: {
    place: {
      purpose: 'create network interfaces in these subnets, with these security groups',
      actions: ['ec2:CreateNetworkInterface'],
      on: 'the subnets and security groups of the connector, in any account',
      star: 'the subnets of a shared VPC belong to another account, and IDs are unique across accounts',
    },
    interfaces: {
      purpose: 'create network interfaces, with tags of the service only',
      actions: ['ec2:CreateNetworkInterface'],
      on: 'network interfaces that do not exist yet',
      star: 'the ID of an interface is not known before it exists; the statement above restricts its subnet and its security groups',
    },
    tag: {
      purpose: 'tag network interfaces at creation',
      actions: ['ec2:CreateTags'],
      on: 'network interfaces that the operator of connectors creates',
      star: 'the ID of an interface is not known before it exists; the condition permits only new interfaces of the operator',
    },
    addresses: {
      purpose: 'allocate elastic IPs, and associate them with the network interfaces below; absent without elastic IPs',
      actions: ['ec2:AllocateAddress', 'ec2:AssociateAddress'],
      on: 'the elastic IPs of the account and Region',
      star: 'the ID of an address is not known before it exists; an association also needs the statement below',
    },
    associate: {
      purpose: 'associate elastic IPs with network interfaces of connectors in these subnets; absent without elastic IPs',
      actions: ['ec2:AssociateAddress'],
      on: 'network interfaces in the subnets of the connector that the operator of connectors has created',
      star: 'the ID of an interface is not known before it exists; the conditions restrict its subnet and its operator',
    },
  },

  /** The build role of an image. */
  build: {
    code: {
      purpose: 'read the code',
      actions: ['s3:GetObject'],
      on: 'the one object',
    },
    codeKey: {
      purpose: 'decrypt the code, if the app knows the KMS key of its bucket',
      actions: ['kms:Decrypt'],
      on: 'the key of the bucket, for calls that S3 makes to read the object',
    },
    logs: {
      purpose: 'write the build log; the log group already exists',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      on: 'the image\'s log group',
    },
    logGroup: {
      purpose: 'write the build log if the service first asks to create the log group, as its documentation says; the log group already exists',
      actions: ['logs:CreateLogGroup'],
      on: 'the image\'s log group',
      star: 'it is not known whether CloudWatch Logs authorizes the ARN with or without the part for streams',
    },
    registry: {
      purpose: 'log in to the private registry',
      actions: ['ecr:GetAuthorizationToken'],
      on: '*',
      star: NO_RESOURCE_TYPE,
    },
    repository: {
      purpose: 'pull base images',
      actions: ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'],
      on: 'the repositories of the build role',
    },
  },

  /** What the network connector guardrail denies to everybody except the network team. */
  guardrail: {
    pass: {
      purpose: 'use no connectors except the allowed ones',
      actions: ['lambda:PassNetworkConnector'],
      on: 'all connectors except the allowed ones',
    },
    change: {
      purpose: 'create, update and delete no connector',
      actions: ['lambda:CreateNetworkConnector*', 'lambda:UpdateNetworkConnector*', 'lambda:DeleteNetworkConnector*'],
      on: '*',
      star: A_DENY,
      isDeny: true,
    },
    tags: {
      purpose: 'change no tags of connectors, because the tags identify their owners',
      actions: ['lambda:TagResource', 'lambda:UntagResource'],
      on: 'all connectors',
      star: A_DENY,
      isDeny: true,
    },
    interfaces: {
      purpose: 'change no network interface of a connector: neither its security groups nor its addresses; not verified against live AWS whether EC2 rejects this anyway',
      actions: ['ec2:*Address*', 'ec2:*NetworkInterface*', 'ec2:*TrafficMirror*'],
      on: 'the network interfaces that the service has tagged with the ID of a connector',
      star: A_DENY,
      isDeny: true,
    },
    team: {
      purpose: 'only read what belongs to the network team, but not the executions of its state machines; everything except these actions is denied',
      actions: [
        'cloudformation:Describe*', 'cloudformation:Get*', 'cloudformation:List*', 'ecr:BatchGet*', 'ecr:Describe*', 'ecr:Get*', 'ecr:List*',
        'iam:Get*', 'iam:List*', 'lambda:Get*', 'lambda:List*', 's3:Get*', 's3:List*', 'ssm:Get*', 'ssm:List*', 'states:DescribeStateMachine*', 'states:List*',
      ],
      on: 'roles and policies under the path of the team, the boundary, the parameters of all catalogs, the stacks, functions, state machines and bootstrap of the team, and the identity providers through which it signs in',
      star: A_DENY,
      isDeny: true,
    },
    tagged: {
      purpose: 'change no security group rules, routes, network ACLs, subnets, gateways and tags of the team, and no functions, whatever their names',
      actions: [
        'ec2:*Dhcp*', 'ec2:*Gateway*', 'ec2:*NetworkAcl*', 'ec2:*PrefixList*', 'ec2:*Route*', 'ec2:*SecurityGroupRule*', 'ec2:*SecurityGroupVpc',
        'ec2:*Subnet*', 'ec2:*Tags', 'ec2:*Vpc*', 'ec2:*Vpn*', 'ec2:*gress', 'ec2:DeleteSecurityGroup',
        'lambda:Add*', 'lambda:Delete*', 'lambda:Invoke*', 'lambda:Put*', 'lambda:Update*',
      ],
      on: 'what CloudFormation has tagged with the names of the stacks',
      star: A_DENY,
      isDeny: true,
    },
    leave: {
      purpose: 'neither leave the organization nor accept an invitation of another one, because the service control policy does not apply outside; only in the service control policy',
      actions: ['organizations:AcceptHandshake', 'organizations:LeaveOrganization'],
      on: '*',
      star: A_DENY,
      isDeny: true,
    },
    detach: {
      purpose: 'detach no policy of the network team from a user, group or role',
      actions: ['iam:DetachGroupPolicy', 'iam:DetachRolePolicy', 'iam:DetachUserPolicy'],
      on: '*, for policies under the path of the team',
      star: A_DENY,
      isDeny: true,
    },
    rolesWithoutBoundary: {
      purpose: 'create and change no role or user without this permissions boundary',
      actions: [
        'iam:AttachRolePolicy', 'iam:AttachUserPolicy', 'iam:CreateRole', 'iam:CreateUser', 'iam:DeleteRolePolicy', 'iam:DeleteUserPolicy',
        'iam:DetachRolePolicy', 'iam:DetachUserPolicy', 'iam:PutRolePermissionsBoundary', 'iam:PutRolePolicy', 'iam:PutUserPermissionsBoundary',
        'iam:PutUserPolicy', 'iam:UpdateAssumeRolePolicy',
      ],
      on: '*, unless the role or user has or gets the boundary',
      star: A_DENY,
      isDeny: true,
    },
    keepBoundary: {
      purpose: 'remove the boundary from no role or user, change no group, because groups have no boundary, and change no SAML provider, because roles without the boundary may trust it',
      actions: [
        'iam:AddUserToGroup', 'iam:AttachGroupPolicy', 'iam:DeleteGroupPolicy', 'iam:DeleteRolePermissionsBoundary', 'iam:DeleteSAMLProvider',
        'iam:DeleteUserPermissionsBoundary', 'iam:DetachGroupPolicy', 'iam:PutGroupPolicy', 'iam:RemoveUserFromGroup', 'iam:UpdateSAMLProvider',
      ],
      on: '*',
      star: A_DENY,
      isDeny: true,
    },
    credentials: {
      purpose: 'create no credentials for other users, who may not have the boundary',
      actions: [
        'iam:CreateAccessKey', 'iam:CreateLoginProfile', 'iam:CreateServiceSpecificCredential', 'iam:ResetServiceSpecificCredential',
        'iam:UpdateLoginProfile', 'iam:UploadSSHPublicKey', 'iam:UploadSigningCertificate',
      ],
      on: 'all users except oneself',
    },
    boundary: {
      purpose: 'restrict what other policies allow; a boundary allows nothing by itself',
      actions: ['*'],
      on: '*',
      star: 'a permissions boundary grants nothing: it must allow everything that it does not deny',
    },
  },

  /** What the grant of a catalog adds to the use of its connectors. */
  catalog: {
    read: {
      purpose: 'find connectors by their names in a catalog',
      actions: ['ssm:GetParameter', 'ssm:GetParameters'],
      on: 'the parameters of the granted connectors',
    },
  },

  /** What `NetworkConnectorGrants.create` grants to a network team. */
  networkTeam: {
    create: {
      purpose: 'create connectors in the given subnets, with the given security groups, and no others',
      actions: ['lambda:CreateNetworkConnector'],
      on: 'the connectors of the account and Region',
      star: 'the ID of a connector is not known before it exists; the conditions restrict its subnets and security groups',
    },
    tag: {
      purpose: 'put the required tags on a new connector',
      actions: ['lambda:TagResource'],
      on: '*, with the required tags and no others, unless what is tagged already has one of their keys',
      star: 'the tags of a create request are authorized before the connector has an ARN',
    },
    passOperatorRole: {
      purpose: 'pass one of the operator roles to the service; its permissions on subnets also restrict later updates',
      actions: ['iam:PassRole'],
      on: 'the given operator roles',
    },
  },

  /** The bootstrap of the network team's app, which `NetworkTeamSynthesizer` writes. */
  teamBootstrap: {
    stacks: {
      purpose: 'deploy, roll back and delete the stacks of the team\'s app',
      actions: [
        'cloudformation:CreateStack', 'cloudformation:UpdateStack', 'cloudformation:DeleteStack', 'cloudformation:CreateChangeSet',
        'cloudformation:ExecuteChangeSet', 'cloudformation:DeleteChangeSet', 'cloudformation:RollbackStack', 'cloudformation:ContinueUpdateRollback',
        'cloudformation:CancelUpdateStack', 'cloudformation:UpdateTerminationProtection',
      ],
      on: 'the stacks of the account and Region',
      star: 'the bootstrap does not know the names of the team\'s stacks; only the team may assume the role',
    },
    readStacks: {
      purpose: 'follow a deployment and compare stacks with templates',
      actions: [
        'cloudformation:Describe*', 'cloudformation:Get*', 'cloudformation:List*', 'cloudformation:ValidateTemplate', 'cloudformation:DetectStackDrift',
      ],
      on: '*',
      star: 'lists and validations have no resource type; the other actions only read stacks',
    },
    passExecutionRole: {
      purpose: 'let CloudFormation deploy with the execution role of this bootstrap, and with no other role',
      actions: ['iam:PassRole'],
      on: 'the execution role of this bootstrap',
    },
    templates: {
      purpose: 'let CloudFormation read the templates that the CLI has uploaded',
      actions: ['s3:GetObject'],
      on: 'the objects of the bucket for assets',
      star: 'the key of a template is a hash of its content',
    },
    version: {
      purpose: 'read the version of this bootstrap, which each template checks',
      actions: ['ssm:GetParameter', 'ssm:GetParameters'],
      on: 'the parameter with the version',
    },
    pipelineArtifacts: {
      purpose: 'let pipelines of trusted accounts deploy from the buckets of these accounts; absent without trusted accounts',
      actions: ['s3:GetObject', 's3:GetObjectVersion', 's3:GetBucketLocation', 's3:ListBucket', 's3:PutObject'],
      on: '*, in buckets of the trusted accounts',
      star: 'the names of these buckets are not known; the condition restricts the accounts',
    },
    pipelineKeys: {
      purpose: 'read and write these artifacts if they are encrypted; absent without trusted accounts',
      actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo', 'kms:GenerateDataKey'],
      on: '*, for keys of the trusted accounts, in calls that S3 makes',
      star: 'the keys are not known; the conditions restrict the accounts and the service',
    },
    fileBucket: {
      purpose: 'find out what has been uploaded, and how the bucket encrypts',
      actions: ['s3:ListBucket', 's3:GetBucketLocation', 's3:GetEncryptionConfiguration'],
      on: 'the bucket for assets',
    },
    files: {
      purpose: 'upload templates and file assets',
      actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
      on: 'the objects of the bucket for assets',
      star: 'the key of an asset is a hash of its content',
    },
    imageLogin: {
      purpose: 'log in to the registry',
      actions: ['ecr:GetAuthorizationToken'],
      on: '*',
      star: NO_RESOURCE_TYPE,
    },
    images: {
      purpose: 'find out which images have been pushed, and push others',
      actions: [
        'ecr:DescribeRepositories', 'ecr:DescribeImages', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability',
        'ecr:InitiateLayerUpload', 'ecr:UploadLayerPart', 'ecr:CompleteLayerUpload', 'ecr:PutImage',
      ],
      on: 'the repository for image assets',
    },
    noSecrets: {
      purpose: 'decrypt nothing during lookups, although the managed policy ReadOnlyAccess lets the role read encrypted parameters and objects',
      actions: ['kms:Decrypt'],
      on: '*',
      star: A_DENY,
      isDeny: true,
    },
    onlyTls: {
      purpose: 'use the bucket through TLS only',
      actions: ['s3:*'],
      on: 'the bucket for assets and its objects, without TLS',
      star: A_DENY,
      isDeny: true,
    },
    onlyTeamWrites: {
      purpose: 'only read the bucket; everything except these actions is denied to everybody except the network team',
      actions: ['s3:Get*', 's3:List*'],
      on: 'the bucket for assets and its objects',
      star: A_DENY,
      isDeny: true,
    },
    functionImages: {
      purpose: 'let Lambda pull the images of functions',
      actions: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      on: 'the repository for image assets, for functions of the account and Region',
    },
    onlyTeamPushes: {
      purpose: 'change neither images nor the repository; denied to everybody except the network team',
      actions: [
        'ecr:InitiateLayerUpload', 'ecr:UploadLayerPart', 'ecr:CompleteLayerUpload', 'ecr:PutImage', 'ecr:BatchDeleteImage', 'ecr:ReplicateImage',
        'ecr:BatchImportUpstreamImage', 'ecr:DeleteRepository', 'ecr:SetRepositoryPolicy', 'ecr:DeleteRepositoryPolicy',
        'ecr:PutImageTagMutability', 'ecr:PutImageScanningConfiguration', 'ecr:PutLifecyclePolicy', 'ecr:DeleteLifecyclePolicy',
        'ecr:StartLifecyclePolicyPreview', 'ecr:UpdateImageStorageClass', 'ecr:TagResource', 'ecr:UntagResource',
      ],
      on: 'the repository for image assets',
    },
  },

  /** The execution role of a launcher. */
  execution: {
    logs: {
      purpose: 'write the log of MicroVMs; the log group already exists',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      on: 'the launcher\'s log group',
    },
    webIdentity: {
      purpose: 'get web-identity tokens for the granted audiences',
      actions: ['sts:GetWebIdentityToken'],
      on: '*, for the granted audiences, lifetime and algorithm',
      star: NO_RESOURCE_TYPE,
    },
  },

  /** The resource role of a MicroVM or a launch check, in addition to what `grantLaunch` of the launcher grants. */
  microvmHandler: {
    terminate: {
      purpose: 'terminate the MicroVMs that it launched',
      actions: ['lambda:TerminateMicrovm'],
      on: 'the image, because there is no resource type for a MicroVM',
    },
    listMicrovms: {
      purpose: 'find out whether a launch whose answer was lost launched a MicroVM, if a quota does not let the handler ask again',
      actions: ['lambda:ListMicrovms'],
      on: '*',
      star: NO_RESOURCE_TYPE,
    },
    probe: {
      purpose: 'create a token for the health check; absent without a health check',
      actions: ['lambda:CreateMicrovmAuthToken'],
      on: 'the image, because there is no resource type for a MicroVM',
    },
    listLedger: {
      purpose: 'find MicroVMs that earlier operations of this resource launched',
      actions: ['ssm:GetParametersByPath'],
      on: 'the path of its own launches',
    },
    ledger: {
      purpose: 'record each launch before the call, because MicroVMs have neither names nor tags',
      actions: ['ssm:PutParameter', 'ssm:DeleteParameter'],
      on: 'the parameters under that path',
      star: 'each launch has its own parameter',
    },
    logStreams: {
      purpose: 'find the log of a MicroVM that failed; absent if showLogInErrors is false or the launcher has no log group',
      actions: ['logs:DescribeLogStreams'],
      on: 'the launcher\'s log group',
    },
    log: {
      purpose: 'show the end of the log of a MicroVM that failed in the error',
      actions: ['logs:GetLogEvents'],
      on: 'the launcher\'s log group',
    },
  },

  /** The function of a `MicrovmStateMachineFragment`, in addition to what `grantLaunch` of the launcher grants. */
  workflow: {
    logs: {
      purpose: 'write its log',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      on: 'its log group',
    },
    terminate: {
      purpose: 'terminate the MicroVM that the state machine launched',
      actions: ['lambda:TerminateMicrovm'],
      on: 'the image, because there is no resource type for a MicroVM',
    },
  },

  /** What the roles that the service assumes deny. */
  deny: {
    functions: {
      purpose: 'deny everything to the code of an ordinary Lambda function that runs with the role',
      actions: ['*'],
      on: '*, for calls from the code of a function',
      star: A_DENY,
      isDeny: true,
    },
    otherFunctions: {
      purpose: 'deny the roles of resources to whatever else runs with the function role; absent without the context key cdk-lambda-microvms:sourceFunctionCondition',
      actions: ['sts:AssumeRole'],
      on: '*, for calls that do not come from the code of the handler function',
      star: A_DENY,
      isDeny: true,
    },
  },

  /** Trust policies of the roles that the service assumes. */
  trust: {
    assume: {
      purpose: 'let the service assume the role',
      actions: ['sts:AssumeRole'],
      on: 'the role, for images of this name and account; an operator role without a condition, because the service sends neither',
    },
    tagSession: {
      purpose: 'let the service tag the session, as its documentation requires',
      actions: ['sts:TagSession'],
      on: 'the role, for images of this name and account',
    },
  },

  /**
   * Customer managed keys, for the resource role of an image and for whoever may launch. No public source says which
   * actions the service needs; not verified against live AWS.
   */
  encryptionKey: {
    use: {
      purpose: 'let the service encrypt and decrypt with the customer managed key; absent without encryptionKey',
      actions: ['kms:DescribeKey', 'kms:GenerateDataKey', 'kms:Decrypt'],
      on: 'the key, for calls that Lambda makes',
    },
    delegate: {
      purpose: 'let the service keep the use of the customer managed key after the call; absent without encryptionKey',
      actions: ['kms:CreateGrant'],
      on: 'the key, for calls that Lambda makes and for grants to AWS services',
    },
  },

  /** The key of `DeploymentEncryption`. */
  deploymentEncryption: {
    use: {
      purpose: 'encrypt and decrypt the data of executions (service-facts.md, 13.1)',
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
      on: 'the key, for the data of this state machine',
    },
    administer: {
      purpose: 'let the allowed principals administer the key and decrypt with it, if their IAM policies permit it; absent without allowedPrincipalArns',
      actions: ['kms:*'],
      on: 'the key',
      star: 'in a key policy, * is the key itself',
    },
  },

  /** What the grant methods of an image grant. */
  imageGrants: {
    run: {
      purpose: 'launch MicroVMs of the image and describe them',
      actions: ['lambda:RunMicrovm', 'lambda:GetMicrovm'],
      on: 'the image',
    },
    connect: {
      purpose: 'create tokens for the endpoints of its MicroVMs',
      actions: ['lambda:CreateMicrovmAuthToken'],
      on: 'the image',
    },
    shell: {
      purpose: 'create tokens for a shell in its MicroVMs',
      actions: ['lambda:CreateMicrovmShellAuthToken'],
      on: 'the image',
    },
    manage: {
      purpose: 'describe, suspend, resume and terminate its MicroVMs',
      actions: ['lambda:GetMicrovm', 'lambda:SuspendMicrovm', 'lambda:ResumeMicrovm', 'lambda:TerminateMicrovm'],
      on: 'the image',
    },
    manageList: {
      purpose: 'list its MicroVMs',
      actions: ['lambda:ListMicrovms'],
      on: '*',
      star: NO_RESOURCE_TYPE,
    },
    read: {
      purpose: 'describe the image, its versions, builds and tags',
      actions: [
        'lambda:GetMicrovmImage', 'lambda:ListMicrovmImageVersions', 'lambda:GetMicrovmImageVersion', 'lambda:ListMicrovmImageBuilds',
        'lambda:GetMicrovmImageBuild', 'lambda:ListTags',
      ],
      on: 'the image',
    },
  },

  /** What `grantLaunch` of a launcher grants in addition to `imageGrants.run`. */
  launcherGrants: {
    passExecutionRole: {
      purpose: 'launch with the execution role, without the condition key iam:PassedToService, with which IAM denies the call (service-facts.md, 2.4)',
      actions: ['iam:PassRole'],
      on: 'the execution role',
    },
    passConnectors: {
      purpose: 'launch with exactly the ingress and egress of the launcher',
      actions: ['lambda:PassNetworkConnector'],
      on: 'the managed connectors of its ingress and egress, and its own connector with all versions',
      star: 'it is not known whether the service authorizes the ARN with or without a version (service-facts.md, 2.3)',
    },
  },

  /** What an app needs of a launcher that another app publishes, in addition to `launcherGrants`. */
  publishedLauncher: {
    read: {
      purpose: 'read the launch request of a published launcher',
      actions: ['ssm:GetParameter'],
      on: 'the parameter of the launcher',
    },
  },

  /** What the grant methods of a network connector grant. */
  connectorGrants: {
    pass: {
      purpose: 'use the connector for images and MicroVMs',
      actions: ['lambda:PassNetworkConnector'],
      on: 'the connector and its versions',
      star: 'it is not known whether the service authorizes the ARN with or without a version (service-facts.md, 2.3)',
    },
    describe: {
      purpose: 'describe the connector, its versions and tags',
      actions: ['lambda:GetNetworkConnector', 'lambda:ListNetworkConnectorVersions', 'lambda:ListTags'],
      on: 'the connector and its versions',
      star: 'each change of the connector creates a version',
    },
    manage: {
      purpose: 'update, tag and delete the connector and its versions',
      actions: ['lambda:UpdateNetworkConnector', 'lambda:DeleteNetworkConnector', 'lambda:TagResource', 'lambda:UntagResource'],
      on: 'the connector and its versions',
      star: 'each change of the connector creates a version',
    },
  },
} satisfies Record<string, Record<string, Permission>>;

/** Makes a statement that allows the actions of a permission. */
export function allow(permission: Permission, resources: string[], conditions?: iam.Conditions): iam.PolicyStatement {
  requireReasonForStar(permission, resources);
  return new iam.PolicyStatement({ actions: permission.actions, resources, conditions });
}

/** Makes a statement that denies the actions of a permission. */
export function deny(permission: Permission, resources: string[], conditions?: iam.Conditions): iam.PolicyStatement {
  requireReasonForStar(permission, resources);
  return new iam.PolicyStatement({ effect: iam.Effect.DENY, actions: permission.actions, resources, conditions });
}

/** Throws if the resource is `*` and the permission does not say why, which is a defect of this library. */
export function requireReasonForStar(permission: Permission, resources: string[]): void {
  if (resources.includes('*') && permission.star === undefined) throw new Error(`no reason for * to ${permission.purpose}`);
}

/**
 * Returns the inline policy of a role that the service assumes. It exists as soon as the role does. An empty policy is
 * left out, because IAM rejects it.
 *
 * The deny is the last statement: rules of cdk-nag mistake a policy that denies `*` and then allows some actions for a
 * policy that allows `*`.
 *
 * @param statements may get more elements until synth.
 */
export function servicePolicies(policyName: string, statements: readonly iam.PolicyStatement[], denyFromFunctions: boolean): IResolvable {
  return Lazy.any({
    produce: () => {
      const all = [...statements, ...denyFromFunctions ? [notFromAFunction()] : []];
      return all.length === 0 ? [] : [{ policyName, policyDocument: concisePolicy(new iam.PolicyDocument({ statements: all, minimize: false })) }];
    },
  }, { omitEmptyArray: true });
}

/**
 * Denies everything to the code of Lambda functions, whose calls carry `lambda:SourceFunctionArn`. That calls of
 * MicroVMs and builds do not carry it was not verified against live AWS.
 */
export function notFromAFunction(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'NotFromAFunction',
    effect: iam.Effect.DENY,
    actions: PERMISSIONS.deny.functions.actions,
    resources: ['*'],
    conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
  });
}

/**
 * Denies the roles of resources to everything but the code of one function. Lambda adds `lambda:SourceFunctionArn` to
 * each call of that code. Policies of the caller may name the key, and trust policies may not (iam.md, 4.2).
 */
export function fromFunctionOnly(functionArn: string): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'FromTheHandlerOnly',
    effect: iam.Effect.DENY,
    actions: PERMISSIONS.deny.otherFunctions.actions,
    resources: ['*'],
    conditions: { ArnNotEquals: { 'lambda:SourceFunctionArn': functionArn } },
  });
}
