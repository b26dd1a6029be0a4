import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { MicrovmTermination } from './termination';
import { logGroupArns } from '../private/arns';
import { requestTagConditions } from '../private/owner-tag-conditions';
import { allow, PERMISSIONS } from '../private/permissions';
import { createResourceRole } from '../private/resource-role';

/** What the custom resource of an image touches. */
export interface ImageResourceRoleProps {
  readonly imageName: string;
  /** Made from the name: an attribute of the resource would close a cycle. */
  readonly imageArn: string;
  /** Of the custom resource, which its owner tags carry. */
  readonly logicalId: string;
  readonly buildRole: iam.IRole;
  readonly passableEgressArns: string[];
  readonly termination: MicrovmTermination;
  /** The log whose end errors may show. */
  readonly shownLogGroup?: logs.ILogGroup;
}

/** Creates the role that the handler assumes to manage one image. */
export function imageResourceRole(scope: Construct, props: ImageResourceRoleProps): iam.Role {
  return createResourceRole(scope, {
    description: 'What a deployment may do for one MicroVM image', statements: statements(scope, props), covers: [props.imageName],
  });
}

function statements(scope: Construct, props: ImageResourceRoleProps): iam.PolicyStatement[] {
  const { imageHandler } = PERMISSIONS;
  const { imageArn } = props;
  const log = props.shownLogGroup && logGroupArns(scope, props.shownLogGroup);
  return [
    allow(imageHandler.create, ['*'], requestTagConditions(scope, props.logicalId)),
    allow(imageHandler.image, [imageArn]),
    allow(imageHandler.versions, [imageArn]),
    allow(imageHandler.builds, [imageArn]),
    allow(imageHandler.listMicrovms, ['*']),
    ...props.termination === MicrovmTermination.NEVER ? [] : [allow(imageHandler.terminateMicrovms, [imageArn])],
    allow(imageHandler.passBuildRole, [props.buildRole.roleArn]),
    allow(imageHandler.passBuildEgress, props.passableEgressArns),
    ...log ? [
      allow(imageHandler.buildLogStreams, [log.group, log.streams]),
      allow(imageHandler.buildLog, [log.streams]),
    ] : [],
  ];
}
