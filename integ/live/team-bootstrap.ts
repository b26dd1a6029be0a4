import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudFormationClient, DeleteStackCommand, waitUntilStackDeleteComplete } from '@aws-sdk/client-cloudformation';
import {
  AttachRolePolicyCommand, CreateRoleCommand, DeleteRoleCommand, DetachRolePolicyCommand, IAMClient,
} from '@aws-sdk/client-iam';
import { DeleteBucketCommand, DeleteObjectsCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Account, ClientProps } from './account';
import type { SynthesizedApp } from './apps';
import { findStack } from './stack';
import type { SessionCredentials } from '../../tools/local-aws/assume-role';
import type { Cdk } from '../../tools/local-aws/cdk';

/** IAM may not have propagated the role yet. */
const ASSUME_ATTEMPTS = 10;
const ASSUME_INTERVAL = 3_000;
const DELETION_SECONDS = 600;

/** The bootstrap of a network team, for an app that is deployed with one, and a role of the team. */
export class TeamBootstrap {
  /** @returns undefined if the app uses the bootstrap of the account. */
  static of(account: Account, cdk: Cdk, { assembly }: SynthesizedApp): TeamBootstrap | undefined {
    const file = readdirSync(assembly).find(name => /^bootstrap-.+\.json$/.test(name));
    return file === undefined ? undefined : new TeamBootstrap(account, cdk, path.join(assembly, file));
  }

  /** Credentials of the role. */
  credentials?: SessionCredentials;
  private readonly qualifier: string;
  private readonly rolePath: string;

  private constructor(private readonly account: Account, private readonly cdk: Cdk, private readonly template: string) {
    const { Parameters: parameters, Resources: resources } = JSON.parse(readFileSync(template, 'utf8'));
    this.qualifier = parameters.Qualifier.Default;
    this.rolePath = resources.DeployRole.Properties.Path;
  }

  /** Bootstraps, and assumes a new role under the path of the team. */
  async create(): Promise<void> {
    const { account } = this;
    // An existing stack belongs to somebody else and must not be deleted.
    if (await findStack(new CloudFormationClient(account.client), this.stackName)) throw new Error(`the stack ${this.stackName} already exists: delete it`);
    const options = ['--template', this.template, '--toolkit-stack-name', this.stackName, '--qualifier', this.qualifier];
    const { exitCode, output } = await this.cdk.bootstrap(`aws://${account.id}/${account.region}`, options);
    if (exitCode !== 0) throw new Error(`the bootstrap of the network team failed: ${output.split('\n').slice(-5).join('; ')}`);
    const trust = { Effect: 'Allow', Principal: { AWS: account.id }, Action: 'sts:AssumeRole' };
    const iam = new IAMClient(account.client);
    await iam.send(new CreateRoleCommand({
      RoleName: this.roleName, Path: this.rolePath, AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
    }));
    await iam.send(new AttachRolePolicyCommand({ RoleName: this.roleName, PolicyArn: this.policyArn }));
    this.credentials = await this.assume();
  }

  /** @returns what still exists. */
  async destroy(): Promise<string[]> {
    const left: string[] = [];
    const attempt = async (what: string, work: () => Promise<unknown>) => work().catch((error: Error) => left.push(`${what}: ${error.message}`));
    // Only the team may change the bucket.
    if (this.credentials) await attempt(this.stackName, () => this.deleteBootstrap(this.clientOfTheTeam()));
    await attempt(this.roleName, () => this.deleteRole());
    return left;
  }

  private get stackName(): string {
    return `CDKToolkit-${this.qualifier}`;
  }

  private get roleName(): string {
    return `cdk-lambda-microvms-live-${this.qualifier}`;
  }

  /** The role stands for an administrator of the team, who also changes and deletes the bootstrap. */
  private get policyArn(): string {
    return `arn:${this.account.partition}:iam::aws:policy/AdministratorAccess`;
  }

  private async assume(): Promise<SessionCredentials> {
    const { id, partition, client } = this.account;
    const RoleArn = `arn:${partition}:iam::${id}:role${this.rolePath}${this.roleName}`;
    for (let attempt = 1; ; attempt++) {
      try {
        const { Credentials: given } = await new STSClient(client).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'live' }));
        return {
          accessKeyId: given!.AccessKeyId!,
          secretAccessKey: given!.SecretAccessKey!,
          sessionToken: given!.SessionToken!,
          expiration: given!.Expiration!,
        };
      } catch (error) {
        if (attempt >= ASSUME_ATTEMPTS || !/^AccessDenied/.test((error as Error).name)) throw error;
        await sleep(ASSUME_INTERVAL);
      }
    }
  }

  private clientOfTheTeam(): ClientProps {
    return { ...this.account.client, profile: undefined, credentials: this.credentials };
  }

  private async deleteBootstrap(client: ClientProps): Promise<void> {
    const cloudFormation = new CloudFormationClient(client);
    await cloudFormation.send(new DeleteStackCommand({ StackName: this.stackName }));
    await waitUntilStackDeleteComplete({ client: cloudFormation, maxWaitTime: DELETION_SECONDS }, { StackName: this.stackName });
    const s3 = new S3Client({ ...client, forcePathStyle: client.endpoint !== undefined });
    const Bucket = `cdk-${this.qualifier}-assets-${this.account.id}-${this.account.region}`;
    for (;;) {
      const { Versions: versions = [], DeleteMarkers: markers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
      const objects = [...versions, ...markers].map(({ Key, VersionId }) => ({ Key, VersionId }));
      if (objects.length === 0) break;
      await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: objects, Quiet: true } }));
    }
    await s3.send(new DeleteBucketCommand({ Bucket }));
  }

  private async deleteRole(): Promise<void> {
    const iam = new IAMClient(this.account.client);
    await iam.send(new DetachRolePolicyCommand({ RoleName: this.roleName, PolicyArn: this.policyArn }));
    await iam.send(new DeleteRoleCommand({ RoleName: this.roleName }));
  }
}
