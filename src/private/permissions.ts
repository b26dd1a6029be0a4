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
const A_DENY = 'a deny: it takes away and gives nothing';

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
      purpose: 'see whether an operation is still the current one',
      actions: ['cloudformation:DescribeStackResource', 'cloudformation:DescribeStacks'],
      on: 'its own stack',
    },
    baseImages: {
      purpose: 'find the newest available version of a base image',
      actions: ['lambda:ListManagedMicrovmImageVersions'],
      on: 'the images that AWS provides',
      star: 'public data, and one provider serves images on any managed base; the account part of the ARN is "aws"',
    },
  },

  /** The role of one image's custom resource, which the handler assumes. */
  imageHandler: {
    create: {
      purpose: 'create the image with its owner tags',
      actions: ['lambda:CreateMicrovmImage', 'lambda:TagResource'],
      on: '*, if the request carries the owner tags of this resource, and what is tagged those of no other',
      star: 'CreateMicrovmImage has no resource type, and the tags of a request to create are authorized before the image has an ARN',
    },
    image: {
      purpose: 'look at, update, tag and delete the image',
      actions: [
        'lambda:GetMicrovmImage', 'lambda:UpdateMicrovmImage', 'lambda:DeleteMicrovmImage', 'lambda:TagResource', 'lambda:UntagResource',
      ],
      on: 'the image',
    },
    versions: {
      purpose: 'activate, retire and remove its versions',
      actions: ['lambda:ListMicrovmImageVersions', 'lambda:UpdateMicrovmImageVersion', 'lambda:DeleteMicrovmImageVersion'],
      on: 'the image',
    },
    builds: {
      purpose: 'tell why a build failed',
      actions: ['lambda:ListMicrovmImageBuilds'],
      on: 'the image',
    },
    listMicrovms: {
      purpose: 'find MicroVMs that hold a version or block the deletion',
      actions: ['lambda:ListMicrovms'],
      on: '*',
      star: NO_RESOURCE_TYPE,
    },
    terminateMicrovms: {
      purpose: 'end the MicroVMs of an image that is deleted; absent if microvmTermination is NEVER',
      actions: ['lambda:TerminateMicrovm'],
      on: 'the image',
    },
    passBuildRole: {
      purpose: 'give the build role to the service, without iam:PassedToService: the service is denied with it (service facts 2.4)',
      actions: ['iam:PassRole'],
      on: 'the build role',
    },
    passBuildEgress: {
      purpose: 'let builds use the network connector',
      actions: ['lambda:PassNetworkConnector'],
      on: 'the managed connector, or the connector and its versions',
      star: 'the service may check the ARN with or without a version (service facts 2.3)',
    },
    buildLogStreams: {
      purpose: 'find the log of a failed build',
      actions: ['logs:DescribeLogStreams'],
      on: 'the image\'s log group',
    },
    buildLog: {
      purpose: 'put the end of the log into the error',
      actions: ['logs:GetLogEvents'],
      on: 'the image\'s log group',
    },
  },

  /** The role of one connector's custom resource, which the handler assumes. */
  connectorHandler: {
    create: {
      purpose: 'create the connector with its owner tags',
      actions: ['lambda:CreateNetworkConnector', 'lambda:TagResource'],
      on: '*, if the request carries the owner tags of this resource, and what is tagged those of no other',
      star: 'the id of a connector is not known before it exists, and the tags of a request to create are authorized before it has an ARN',
    },
    read: {
      purpose: 'look at the connector, its versions and tags',
      actions: ['lambda:GetNetworkConnector', 'lambda:ListNetworkConnectorVersions', 'lambda:ListTags'],
      on: 'the connectors of the account and Region',
      star: 'the id of a connector is not known before it exists; with a condition a missing one would be denied, not missing',
    },
    change: {
      purpose: 'update, tag and delete the connector and its old versions',
      actions: ['lambda:UpdateNetworkConnector', 'lambda:DeleteNetworkConnector', 'lambda:TagResource', 'lambda:UntagResource'],
      on: 'connectors that carry the owner tags of this resource',
      star: 'the id of a connector is not known before it exists; its tags say whose it is',
    },
    listMicrovms: {
      purpose: 'find MicroVMs that use the connector',
      actions: ['lambda:ListMicrovms'],
      on: '*',
      star: NO_RESOURCE_TYPE,
    },
    microvms: {
      purpose: 'see which connector a MicroVM goes out through',
      actions: ['lambda:GetMicrovm'],
      on: 'the images of the account and Region',
      star: 'a MicroVM of any image may use the connector, and MicroVMs are authorized by their image',
    },
    passOperatorRole: {
      purpose: 'give the operator role to the service, without iam:PassedToService: the service is denied with it (service facts 2.4)',
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
      star: 'the name is known and the id is not, which the ARN has',
    },
  },

  /** The role that makes the network interfaces of a connector. */
  operator: {
    place: {
      purpose: 'make network interfaces in these subnets, with these security groups',
      actions: ['ec2:CreateNetworkInterface'],
      on: 'the subnets and security groups named, in any account',
      star: 'the subnets of a shared VPC belong to another account, and ids are unique over all accounts',
    },
    interfaces: {
      purpose: 'make network interfaces, tagged by the service alone',
      actions: ['ec2:CreateNetworkInterface'],
      on: 'network interfaces that do not exist yet',
      star: 'the id of an interface is not known before it exists; subnet and security group of it are',
    },
    tag: {
      purpose: 'tag network interfaces as they are made',
      actions: ['ec2:CreateTags'],
      on: 'network interfaces that the operator of connectors makes',
      star: 'the id of an interface is not known before it exists; the condition admits new ones of the operator only',
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
      purpose: 'decrypt the code, if its bucket has a key of its own',
      actions: ['kms:Decrypt'],
      on: 'the key of the bucket',
    },
    logs: {
      purpose: 'write the build log; the group is there already',
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
      on: 'the repositories named',
    },
  },

  /** What the network connector guardrail denies to all but the network team. */
  guardrail: {
    pass: {
      purpose: 'use only the connectors that are allowed',
      actions: ['lambda:PassNetworkConnector'],
      on: 'all but the allowed connectors',
    },
    change: {
      purpose: 'make, change and delete no connector',
      actions: ['lambda:CreateNetworkConnector*', 'lambda:UpdateNetworkConnector*', 'lambda:DeleteNetworkConnector*'],
      on: '*',
      star: A_DENY,
    },
    tags: {
      purpose: 'change no tags of connectors, which say whose they are',
      actions: ['lambda:TagResource', 'lambda:UntagResource'],
      on: 'all connectors',
      star: A_DENY,
    },
    teamRoles: {
      purpose: 'do nothing but look at the roles of the network team; these actions are not denied',
      actions: ['iam:Get*', 'iam:List*'],
      on: 'the roles under the path of the network team',
      star: A_DENY,
    },
    catalog: {
      purpose: 'do nothing but read the parameters of catalogues; these actions are not denied',
      actions: ['ssm:Get*', 'ssm:List*'],
      on: 'the parameters of all catalogues',
      star: A_DENY,
    },
    teamStacks: {
      purpose: 'do nothing but look at the stacks of the network team; these actions are not denied',
      actions: ['cloudformation:Describe*', 'cloudformation:Get*', 'cloudformation:List*'],
      on: 'the stacks of the network team',
      star: A_DENY,
    },
    teamFunctions: {
      purpose: 'do nothing but look at the functions of those stacks, neither edit nor invoke them; these actions are not denied',
      actions: ['lambda:Get*', 'lambda:List*'],
      on: 'functions whose names begin with those of the stacks',
      star: A_DENY,
    },
    teamStateMachines: {
      purpose: 'do nothing but look at the state machines of those stacks; these actions are not denied',
      actions: ['states:Describe*', 'states:List*'],
      on: 'state machines that CloudFormation has tagged with the names of the stacks',
      star: A_DENY,
    },
    rolesWithoutBoundary: {
      purpose: 'make and change no role or user that is not bounded alike',
      actions: [
        'iam:CreateRole', 'iam:CreateUser', 'iam:PutRolePolicy', 'iam:AttachRolePolicy', 'iam:PutUserPolicy', 'iam:AttachUserPolicy',
        'iam:UpdateAssumeRolePolicy', 'iam:PutRolePermissionsBoundary', 'iam:PutUserPermissionsBoundary',
      ],
      on: '*, unless the role or user has or gets the boundary',
      star: A_DENY,
    },
    keepBoundary: {
      purpose: 'take the boundary off nothing',
      actions: ['iam:DeleteRolePermissionsBoundary', 'iam:DeleteUserPermissionsBoundary'],
      on: '*',
      star: A_DENY,
    },
    keepPolicy: {
      purpose: 'leave the boundary as it is',
      actions: ['iam:CreatePolicyVersion', 'iam:DeletePolicy', 'iam:DeletePolicyVersion', 'iam:SetDefaultPolicyVersion'],
      on: 'the boundary',
    },
    boundary: {
      purpose: 'bound what other policies allow, and allow nothing by itself',
      actions: ['*'],
      on: '*',
      star: 'a permissions boundary gives nothing: it must let through what it does not deny',
    },
  },

  /** What the catalogue's grant gives besides the use of connectors. */
  catalog: {
    read: {
      purpose: 'find connectors by their names',
      actions: ['ssm:GetParameter', 'ssm:GetParameters'],
      on: 'the parameters of the connectors named',
    },
  },

  /** What the network team is given to make connectors. */
  networkTeam: {
    create: {
      purpose: 'create connectors in the subnets and with the security groups named, and no others',
      actions: ['lambda:CreateNetworkConnector'],
      on: 'the connectors of the account and Region',
      star: 'the id of a connector is not known before it exists; the conditions say where it may lead',
    },
    tag: {
      purpose: 'put the required tags on a new connector',
      actions: ['lambda:TagResource'],
      on: '*, with the required tags and no others',
      star: 'the tags of a request to create are authorized before the connector has an ARN',
    },
    passOperatorRole: {
      purpose: 'give one of the operator roles to the service, whose subnets bound later updates',
      actions: ['iam:PassRole'],
      on: 'the operator roles named',
    },
  },

  /** The role that the MicroVMs of a launcher run as. */
  execution: {
    logs: {
      purpose: 'write the log of MicroVMs; the group is there already',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      on: 'the launcher\'s log group',
    },
    webIdentity: {
      purpose: 'get web-identity tokens for the audiences granted',
      actions: ['sts:GetWebIdentityToken'],
      on: '*, for the audiences, lifetime and algorithm granted',
      star: NO_RESOURCE_TYPE,
    },
  },

  /** The role of a MicroVM, or of a launch check, that a deployment launches; besides what the launcher's grants give. */
  microvmHandler: {
    terminate: {
      purpose: 'end the MicroVMs that it launched',
      actions: ['lambda:TerminateMicrovm'],
      on: 'the image: there is no resource type for a MicroVM',
    },
    probe: {
      purpose: 'mint a token for the health check; absent without one',
      actions: ['lambda:CreateMicrovmAuthToken'],
      on: 'the image: there is no resource type for a MicroVM',
    },
    listLedger: {
      purpose: 'find what earlier operations of this resource launched',
      actions: ['ssm:GetParametersByPath'],
      on: 'the path of its own launches',
    },
    ledger: {
      purpose: 'write down each launch before it is asked for, since MicroVMs have neither names nor tags',
      actions: ['ssm:PutParameter', 'ssm:DeleteParameter'],
      on: 'the parameters under that path',
      star: 'one for each launch',
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
      purpose: 'end the MicroVM that the workflow launched',
      actions: ['lambda:TerminateMicrovm'],
      on: 'the image: there is no resource type for a MicroVM',
    },
  },

  /** What roles for the service refuse. */
  deny: {
    functions: {
      purpose: 'deny everything to an ordinary function that the role is passed to',
      actions: ['*'],
      on: '*, for calls made by the code of a function',
      star: A_DENY,
    },
  },

  /** Who may assume the roles that are for the service. */
  trust: {
    assume: {
      purpose: 'let the service assume the role',
      actions: ['sts:AssumeRole'],
      on: 'the role, for images of the name and account; an operator role for any, since the service presents neither',
    },
    tagSession: {
      purpose: 'let the service tag the session, as its documentation asks for',
      actions: ['sts:TagSession'],
      on: 'the role, for images of the name and account',
    },
  },

  /** What the grant methods of an image give. */
  imageGrants: {
    run: {
      purpose: 'launch MicroVMs of the image and see them come up',
      actions: ['lambda:RunMicrovm', 'lambda:GetMicrovm'],
      on: 'the image',
    },
    connect: {
      purpose: 'mint tokens for the endpoints of its MicroVMs',
      actions: ['lambda:CreateMicrovmAuthToken'],
      on: 'the image',
    },
    shell: {
      purpose: 'mint tokens for a shell in its MicroVMs',
      actions: ['lambda:CreateMicrovmShellAuthToken'],
      on: 'the image',
    },
    manage: {
      purpose: 'look at, suspend, resume and terminate its MicroVMs',
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
      purpose: 'look at the image, its versions, builds and tags',
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
      purpose: 'launch with the execution role, without iam:PassedToService: the service is denied with it (service facts 2.4)',
      actions: ['iam:PassRole'],
      on: 'the execution role',
    },
    passConnectors: {
      purpose: 'launch with exactly the launcher\'s way in and way out',
      actions: ['lambda:PassNetworkConnector'],
      on: 'the managed connectors that it names, and its connector and its versions',
      star: 'the service may check the ARN of a connector with or without a version (service facts 2.3)',
    },
  },

  /** What the grant methods of a network connector give. */
  connectorGrants: {
    pass: {
      purpose: 'use the connector for images and MicroVMs',
      actions: ['lambda:PassNetworkConnector'],
      on: 'the connector and its versions',
      star: 'the service may check the ARN with or without a version (service facts 2.3)',
    },
    look: {
      purpose: 'look at the connector, its versions and tags',
      actions: ['lambda:GetNetworkConnector', 'lambda:ListNetworkConnectorVersions', 'lambda:ListTags'],
      on: 'the connector and its versions',
      star: 'versions come and go',
    },
    manage: {
      purpose: 'update, tag and delete the connector and its versions',
      actions: ['lambda:UpdateNetworkConnector', 'lambda:DeleteNetworkConnector', 'lambda:TagResource', 'lambda:UntagResource'],
      on: 'the connector and its versions',
      star: 'versions come and go',
    },
  },
} satisfies Record<string, Record<string, Permission>>;

/** Makes a statement that allows the actions of a permission. */
export function allow(permission: Permission, resources: string[], conditions?: iam.Conditions): iam.PolicyStatement {
  requireReasonForStar(permission, resources);
  return new iam.PolicyStatement({ actions: permission.actions, resources, conditions });
}

/** Throws if the resource is `*` and the permission does not say why, which is a defect of this library. */
export function requireReasonForStar(permission: Permission, resources: string[]): void {
  if (resources.includes('*') && permission.star === undefined) throw new Error(`no reason for * to ${permission.purpose}`);
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
