import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { MicrovmTermination } from './termination';
import { logGroupArns } from '../private/arns';
import { shortHash } from '../private/names';
import { requestTagConditions } from '../private/owner-tag-conditions';
import { allow, PERMISSIONS } from '../private/permissions';

/** What the custom resource of an image touches. */
export interface ImageHandlerRoleProps {
  /** Who assumes it. */
  readonly handlerRole: iam.IRole;
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

/**
 * The role of one image's custom resource.
 *
 * Its id covers the image's name: a rename makes a second role first, and the old one lives until the old image is gone.
 */
export function imageHandlerRole(scope: Construct, props: ImageHandlerRoleProps): iam.Role {
  return new iam.Role(scope, `HandlerRole${shortHash(scope, props.imageName)}`, {
    description: 'What a deployment may do for one MicroVM image',
    assumedBy: new iam.ArnPrincipal(props.handlerRole.roleArn),
    maxSessionDuration: Duration.hours(1),
    inlinePolicies: { image: new iam.PolicyDocument({ statements: statements(scope, props) }) },
  });
}

function statements(scope: Construct, props: ImageHandlerRoleProps): iam.PolicyStatement[] {
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
