import type { IResolvable } from 'aws-cdk-lib';
import { Lazy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';

/** Actions that are allowed together. */
export interface Permission {
  readonly purpose: string;
  readonly actions: string[];
  /** On what, in words. */
  readonly on: string;
  /** Why that cannot be narrower, wherever a resource is or ends with a star that covers more than the one thing meant. */
  readonly star?: string;
}

const NO_RESOURCE_TYPE = 'the action has no resource type';
const A_DENY = 'a deny grants nothing';

/** All that anything made by this library may do. The resource types are those of the service authorization reference (service facts 2.1). */
export const PERMISSIONS = {
  /** The role of the one function that handles all custom resources of a stack. */
  provider: {
    logs: {
      purpose: 'write the log of the handler and of the framework that calls it',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      on: 'the provider\'s log group',
    },
    stack: {
      purpose: 'check whether an operation is still the current one',
      actions: ['cloudformation:DescribeStackResource', 'cloudformation:DescribeStacks'],
      on: 'its own stack',
    },
    baseImages: {
      purpose: 'find the newest available version of a base image',
      actions: ['lambda:ListManagedMicrovmImageVersions'],
      on: 'the images that AWS provides',
      star: 'the data is public, and one provider serves images on any managed base image; the account in the ARN is "aws"',
    },
  },

  /** The role of one image's custom resource, which the handler assumes. */
  imageHandler: {
    create: {
      purpose: 'create the image with its owner tags',
      actions: ['lambda:CreateMicrovmImage', 'lambda:TagResource'],
      on: '*, if the request sets the owner tags of this resource, and its target has no other owner',
      star: 'CreateMicrovmImage has no resource type, and IAM authorizes the tags of a create request before the image has an ARN',
    },
    image: {
      purpose: 'read, update, tag and delete the image',
      actions: [
        'lambda:GetMicrovmImage', 'lambda:UpdateMicrovmImage', 'lambda:DeleteMicrovmImage', 'lambda:TagResource', 'lambda:UntagResource',
      ],
      on: 'the image',
    },
    versions: {
      purpose: 'activate, deactivate and delete its versions',
      actions: ['lambda:ListMicrovmImageVersions', 'lambda:UpdateMicrovmImageVersion', 'lambda:DeleteMicrovmImageVersion'],
      on: 'the image',
    },
    builds: {
      purpose: 'read why a build failed',
      actions: ['lambda:ListMicrovmImageBuilds'],
      on: 'the image',
    },
    listMicrovms: {
      purpose: 'find MicroVMs that use a version or block the deletion',
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
      purpose: 'pass the build role to the service, without the condition key iam:PassedToService, with which the request is denied (service-facts.md, 2.4)',
      actions: ['iam:PassRole'],
      on: 'the build role',
    },
    passBuildEgress: {
      purpose: 'let builds use the network connector',
      actions: ['lambda:PassNetworkConnector'],
      on: 'the managed connector, or the connector and its versions',
      star: 'the service may check the ARN with or without a version (service-facts.md, 2.3)',
    },
    buildLogStreams: {
      purpose: 'find the log of a failed build',
      actions: ['logs:DescribeLogStreams'],
      on: 'the image\'s log group',
    },
    buildLog: {
      purpose: 'add the end of the log to the error',
      actions: ['logs:GetLogEvents'],
      on: 'the image\'s log group',
    },
  },

  /** The role of one connector's custom resource, which the handler assumes. */
  connectorHandler: {
    create: {
      purpose: 'create the connector with its owner tags',
      actions: ['lambda:CreateNetworkConnector', 'lambda:TagResource'],
      on: '*, if the request sets the owner tags of this resource, and its target has no other owner',
      star: 'the ID of a connector is unknown before it exists, and IAM authorizes the tags of a create request before the connector has an ARN',
    },
    read: {
      purpose: 'read the connector, its versions and tags',
      actions: ['lambda:GetNetworkConnector', 'lambda:ListNetworkConnectorVersions', 'lambda:ListTags'],
      on: 'the connectors of the account and Region',
      star: 'the ID of a connector is unknown before it exists; with a condition, IAM would deny the read of a connector that does not exist',
    },
    change: {
      purpose: 'update, tag and delete the connector and its old versions',
      actions: ['lambda:UpdateNetworkConnector', 'lambda:DeleteNetworkConnector', 'lambda:TagResource', 'lambda:UntagResource'],
      on: 'connectors that carry the owner tags of this resource',
      star: 'the ID of a connector is unknown before it exists; its tags identify its owner',
    },
    listMicrovms: {
      purpose: 'find MicroVMs that use the connector',
      actions: ['lambda:ListMicrovms'],
      on: '*',
      star: NO_RESOURCE_TYPE,
    },
    microvms: {
      purpose: 'read which connector a MicroVM uses',
      actions: ['lambda:GetMicrovm'],
      on: 'the images of the account and Region',
      star: 'a MicroVM of any image may use the connector, and IAM authorizes calls on MicroVMs by their image',
    },
    passOperatorRole: {
      purpose: 'pass the operator role to the service, without the condition key iam:PassedToService, with which the request is denied (service-facts.md, 2.4)',
      actions: ['iam:PassRole'],
      on: 'the operator role',
    },
  },

  /** The role of a look-up of a connector by name. */
  connectorLookup: {
    read: {
      purpose: 'find a connector by its name',
      actions: ['lambda:GetNetworkConnector'],
      on: 'the connectors of the account and Region',
      star: 'the ARN contains the ID of the connector, and only its name is known',
    },
  },

  /** The role that makes the network interfaces of a connector. */
  operator: {
    place: {
      purpose: 'create network interfaces in these subnets, with these security groups',
      actions: ['ec2:CreateNetworkInterface'],
      on: 'the named subnets and security groups, in any account',
      star: 'the subnets of a shared VPC belong to another account, and IDs are unique across accounts',
    },
    interfaces: {
      purpose: 'create network interfaces, which only the service tags',
      actions: ['ec2:CreateNetworkInterface'],
      on: 'network interfaces that do not exist yet',
      star: 'the ID of an interface is unknown before it exists; its subnet and security group are known',
    },
    tag: {
      purpose: 'tag network interfaces when they are created',
      actions: ['ec2:CreateTags'],
      on: 'network interfaces that the operator of connectors creates',
      star: 'the ID of an interface is unknown before it exists; the condition admits only new interfaces of the operator',
    },
  },

  /** The role that builds run as. */
  build: {
    code: {
      purpose: 'read the code',
      actions: ['s3:GetObject'],
      on: 'the one object',
    },
    codeKey: {
      purpose: 'decrypt the code, if its bucket has a KMS key',
      actions: ['kms:Decrypt'],
      on: 'the key of the bucket',
    },
    logs: {
      purpose: 'write the build log into the existing group',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      on: 'the image\'s log group',
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
      on: 'the named repositories',
    },
  },

  /** What the network connector guardrail denies to all but the network team. */
  guardrail: {
    pass: {
      purpose: 'use only the allowed connectors',
      actions: ['lambda:PassNetworkConnector'],
      on: 'all connectors except the allowed ones',
    },
    change: {
      purpose: 'create, change and delete no connector',
      actions: ['lambda:CreateNetworkConnector*', 'lambda:UpdateNetworkConnector*', 'lambda:DeleteNetworkConnector*'],
      on: '*',
      star: A_DENY,
    },
    tags: {
      purpose: 'change no tags of connectors, because tags identify the owner',
      actions: ['lambda:TagResource', 'lambda:UntagResource'],
      on: 'all connectors',
      star: A_DENY,
    },
    teamRoles: {
      purpose: 'only read the roles of the network team; these actions are not denied',
      actions: ['iam:Get*', 'iam:List*'],
      on: 'the roles under the path of the network team',
      star: A_DENY,
    },
    catalog: {
      purpose: 'only read the parameters of catalogs; these actions are not denied',
      actions: ['ssm:Get*', 'ssm:List*'],
      on: 'the parameters of all catalogs',
      star: A_DENY,
    },
    teamStacks: {
      purpose: 'only read the stacks of the network team; these actions are not denied',
      actions: ['cloudformation:Describe*', 'cloudformation:Get*', 'cloudformation:List*'],
      on: 'the stacks of the network team',
      star: A_DENY,
    },
    teamFunctions: {
      purpose: 'only read the functions of those stacks, neither change nor invoke them; these actions are not denied',
      actions: ['lambda:Get*', 'lambda:List*'],
      on: 'functions whose names begin with the names of the stacks',
      star: A_DENY,
    },
    teamStateMachines: {
      purpose: 'only read the state machines of those stacks; these actions are not denied',
      actions: ['states:Describe*', 'states:List*'],
      on: 'state machines that CloudFormation tagged with the names of the stacks',
      star: A_DENY,
    },
    rolesWithoutBoundary: {
      purpose: 'create and change no role or user that lacks the boundary',
      actions: [
        'iam:CreateRole', 'iam:CreateUser', 'iam:PutRolePolicy', 'iam:AttachRolePolicy', 'iam:PutUserPolicy', 'iam:AttachUserPolicy',
        'iam:UpdateAssumeRolePolicy', 'iam:PutRolePermissionsBoundary', 'iam:PutUserPermissionsBoundary',
      ],
      on: '*, unless the role or user has or gets the boundary',
      star: A_DENY,
    },
    keepBoundary: {
      purpose: 'remove the boundary from no role or user',
      actions: ['iam:DeleteRolePermissionsBoundary', 'iam:DeleteUserPermissionsBoundary'],
      on: '*',
      star: A_DENY,
    },
    keepPolicy: {
      purpose: 'do not change the boundary',
      actions: ['iam:CreatePolicyVersion', 'iam:DeletePolicy', 'iam:DeletePolicyVersion', 'iam:SetDefaultPolicyVersion'],
      on: 'the boundary',
    },
    boundary: {
      purpose: 'limit what other policies allow; the boundary grants nothing by itself',
      actions: ['*'],
      on: '*',
      star: 'a permissions boundary grants nothing: it must allow whatever it does not deny',
    },
  },

  /** What the catalogue's grant gives besides the use of connectors. */
  catalog: {
    read: {
      purpose: 'find connectors by their names',
      actions: ['ssm:GetParameter', 'ssm:GetParameters'],
      on: 'the parameters of the named connectors',
    },
  },

  /** What the network team is given to make connectors. */
  networkTeam: {
    create: {
      purpose: 'create connectors only in the named subnets and with the named security groups',
      actions: ['lambda:CreateNetworkConnector'],
      on: 'the connectors of the account and Region',
      star: 'the ID of a connector is unknown before it exists; the conditions limit its subnets and security groups',
    },
    tag: {
      purpose: 'set the required tags on a new connector',
      actions: ['lambda:TagResource'],
      on: '*, with the required tags and no others',
      star: 'IAM authorizes the tags of a create request before the connector has an ARN',
    },
    passOperatorRole: {
      purpose: 'pass one of the operator roles to the service; the subnets of the role limit later updates',
      actions: ['iam:PassRole'],
      on: 'the named operator roles',
    },
  },

  /** The role that the MicroVMs of a launcher run as. */
  execution: {
    logs: {
      purpose: 'write the log of MicroVMs into the existing group',
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

  /** The role of a MicroVM, or of a launch check, that a deployment launches; besides what the launcher's grants give. */
  microvmHandler: {
    terminate: {
      purpose: 'terminate the MicroVMs that it launched',
      actions: ['lambda:TerminateMicrovm'],
      on: 'the image: there is no resource type for a MicroVM',
    },
    probe: {
      purpose: 'create a token for the health check; absent without a health check',
      actions: ['lambda:CreateMicrovmAuthToken'],
      on: 'the image: there is no resource type for a MicroVM',
    },
    listLedger: {
      purpose: 'find what earlier operations of this resource launched',
      actions: ['ssm:GetParametersByPath'],
      on: 'the path of its own launches',
    },
    ledger: {
      purpose: 'record each launch before it is requested, because MicroVMs have neither names nor tags',
      actions: ['ssm:PutParameter', 'ssm:DeleteParameter'],
      on: 'the parameters under that path',
      star: 'there is one parameter for each launch',
    },
  },

  /** The function of a workflow's fragment, besides what the launcher's grant gives. */
  workflow: {
    logs: {
      purpose: 'write its log',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      on: 'its log group',
    },
    terminate: {
      purpose: 'terminate the MicroVM that the state machine launched',
      actions: ['lambda:TerminateMicrovm'],
      on: 'the image: there is no resource type for a MicroVM',
    },
  },

  /** What roles for the service refuse. */
  deny: {
    functions: {
      purpose: 'deny everything to an ordinary function that has the role',
      actions: ['*'],
      on: '*, for calls that the code of a function makes',
      star: A_DENY,
    },
  },

  /** Who may assume the roles that are for the service. */
  trust: {
    assume: {
      purpose: 'let the service assume the role',
      actions: ['sts:AssumeRole'],
      on: 'the role, for images of the name and account; an operator role for any image, because the service sends neither',
    },
    tagSession: {
      purpose: 'let the service tag the session, as its documentation requires',
      actions: ['sts:TagSession'],
      on: 'the role, for images of the name and account',
    },
  },

  /** What the grant methods of an image give. */
  imageGrants: {
    run: {
      purpose: 'launch MicroVMs of the image and read their state',
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
      purpose: 'find its MicroVMs',
      actions: ['lambda:ListMicrovms'],
      on: '*',
      star: NO_RESOURCE_TYPE,
    },
    read: {
      purpose: 'read the image, its versions, builds and tags',
      actions: [
        'lambda:GetMicrovmImage', 'lambda:ListMicrovmImageVersions', 'lambda:GetMicrovmImageVersion', 'lambda:ListMicrovmImageBuilds',
        'lambda:GetMicrovmImageBuild', 'lambda:ListTags',
      ],
      on: 'the image',
    },
  },

  /** What a launcher's grantLaunch gives besides running its image. */
  launcherGrants: {
    passExecutionRole: {
      purpose: 'launch with the execution role, without the condition key iam:PassedToService, with which the request is denied (service-facts.md, 2.4)',
      actions: ['iam:PassRole'],
      on: 'the execution role',
    },
    passConnectors: {
      purpose: 'launch with exactly the ingress and egress of the launcher',
      actions: ['lambda:PassNetworkConnector'],
      on: 'the managed connectors of the launcher, and its own connector with all versions',
      star: 'the service may check the ARN of a connector with or without a version (service-facts.md, 2.3)',
    },
  },

  /** What the grant methods of a network connector give. */
  connectorGrants: {
    pass: {
      purpose: 'use the connector for images and MicroVMs',
      actions: ['lambda:PassNetworkConnector'],
      on: 'the connector and its versions',
      star: 'the service may check the ARN with or without a version (service-facts.md, 2.3)',
    },
    look: {
      purpose: 'read the connector, its versions and tags',
      actions: ['lambda:GetNetworkConnector', 'lambda:ListNetworkConnectorVersions', 'lambda:ListTags'],
      on: 'the connector and its versions',
      star: 'versions are created and deleted over time',
    },
    manage: {
      purpose: 'update, tag and delete the connector and its versions',
      actions: ['lambda:UpdateNetworkConnector', 'lambda:DeleteNetworkConnector', 'lambda:TagResource', 'lambda:UntagResource'],
      on: 'the connector and its versions',
      star: 'versions are created and deleted over time',
    },
  },
} satisfies Record<string, Record<string, Permission>>;

/** The one way to make a statement: a star without a reason is a mistake of this library. */
export function allow(permission: Permission, resources: string[], conditions?: iam.Conditions): iam.PolicyStatement {
  if (resources.includes('*') && permission.star === undefined) throw new Error(`no reason for * to ${permission.purpose}`);
  return new iam.PolicyStatement({ actions: permission.actions, resources, conditions });
}

/**
 * The inline policies of a role for the service: there as soon as the role is, and none that is empty, which IAM refuses.
 *
 * The deny is a policy of its own: rules of cdk-nag take a policy that denies all actions and then allows some for one that allows all.
 */
export function servicePolicies(policyName: string, document: iam.PolicyDocument, denyFromFunctions: boolean): IResolvable {
  const guard = new iam.PolicyDocument({ statements: denyFromFunctions ? [notFromAFunction()] : [] });
  return Lazy.any({
    produce: () => [{ policyName, policyDocument: document }, { policyName: 'guard', policyDocument: guard }].filter(policy => !policy.policyDocument.isEmpty),
  }, { omitEmptyArray: true });
}

/** The key is on calls made by the code of a function, and not on those of a MicroVM. */
export function notFromAFunction(): iam.PolicyStatement {
  return new iam.PolicyStatement({
    sid: 'NotFromAFunction',
    effect: iam.Effect.DENY,
    actions: PERMISSIONS.deny.functions.actions,
    resources: ['*'],
    conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
  });
}
