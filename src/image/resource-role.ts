import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { MicrovmTermination } from './termination';
import { logGroupArns } from '../private/arns';
import { encryptionKeyStatements } from '../private/encryption-key';
import { keepUnowned, ownerAtCreation } from '../private/owner-tag-conditions';
import { allow, PERMISSIONS } from '../private/permissions';
import { createResourceRole } from '../private/resource-role';

/** What the resource role of an image covers. */
export interface ImageResourceRoleProps {
  readonly imageName: string;
  /** Made from the name: the role must exist before the resource, so it cannot use an attribute of the resource. */
  readonly imageArn: string;
  /** The logical ID of the custom resource, for the conditions on owner tags. */
  readonly logicalId: string;
  /** Returns the keys of all tags of the image, except the owner tags. */
  readonly tagKeys: () => string[];
  readonly buildRole: iam.IRole;
  readonly passableEgressArns: string[];
  readonly termination: MicrovmTermination;
  /** The log group whose last lines errors may show. */
  readonly shownLogGroup?: logs.ILogGroup;
  readonly encryptionKey?: kms.IKeyRef;
}

/** Creates the resource role of one image. */
export function imageResourceRole(scope: Construct, props: ImageResourceRoleProps): iam.Role {
  return createResourceRole(scope, {
    description: 'Lets deployments manage one MicroVM image', statements: statements(scope, props), covers: [props.imageName],
  });
}

function statements(scope: Construct, props: ImageResourceRoleProps): iam.PolicyStatement[] {
  const { imageHandler } = PERMISSIONS;
  const { imageArn } = props;
  const log = props.shownLogGroup && logGroupArns(scope, props.shownLogGroup);
  return [
    allow(imageHandler.create, ['*'], ownerAtCreation(scope, props.logicalId, props.tagKeys)),
    // Other images cannot be excluded, because the role tags its own image without an owner to adopt it.
    keepUnowned(imageHandler.tagOthers, ['network-connector:*']),
    allow(imageHandler.image, [imageArn]),
    allow(imageHandler.versions, [imageArn]),
    allow(imageHandler.tags, [imageArn]),
    allow(imageHandler.builds, [imageArn]),
    allow(imageHandler.listMicrovms, ['*']),
    ...props.termination === MicrovmTermination.NEVER ? [] : [allow(imageHandler.terminateMicrovms, [imageArn])],
    allow(imageHandler.passBuildRole, [props.buildRole.roleArn]),
    allow(imageHandler.passBuildEgress, props.passableEgressArns),
    ...log ? [
      allow(imageHandler.buildLogStreams, [log.group, log.streams]),
      allow(imageHandler.buildLog, [log.streams]),
    ] : [],
    ...props.encryptionKey ? encryptionKeyStatements(scope, props.encryptionKey) : [],
  ];
}
