import * as path from 'node:path';
import { CloudFormationClient, UpdateStackCommand, waitUntilStackUpdateComplete } from '@aws-sdk/client-cloudformation';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { App, Stack } from 'aws-cdk-lib';
import { AllowedNetworkConnectors, NetworkConnectorGuardrail, NetworkTeamSynthesizer } from '../../../src';
import { teamBootstrapTemplate } from '../../../src/network/team-bootstrap';
import { LOCAL_CREDENTIALS } from '../../../tools/local-aws/environment';
import type { LocalAws } from '../../../tools/local-aws/local-aws';
import { startLocalAws } from '../../../tools/local-aws/local-aws';
import { administratorOf } from '../../../tools/local-aws/network-team';

/** The CLI uses the parameters of an existing bootstrap again. Whoever writes them decides who deploys for the team. */

const APP = `npx tsx ${path.join(__dirname, 'hand-over.app.ts')}`;
const FOREIGN = '111122223333';
const TEAM = { networkTeamPath: '/network-team/', qualifier: 'netteam' };
const TOOLKIT = 'CDKToolkit-netteam';

let aws: LocalAws;

beforeAll(async () => {
  aws = await startLocalAws();
  await bootstrap();
});

afterAll(async () => aws.stop());

async function bootstrap(options: string[] = []): Promise<void> {
  const { exitCode, output } = await aws.cdk.bootstrapTeam({ app: APP, context: { part: 'Network' } }, TEAM.qualifier, options);
  if (exitCode !== 0) throw new Error(output);
}

function serviceControlPolicy(): object {
  const context = { '@aws-cdk/core:enablePartitionLiterals': true };
  const synthesizer = new NetworkTeamSynthesizer(TEAM);
  const stack = new Stack(new App({ context, analyticsReporting: false }), 'Network', { env: { account: aws.account, region: aws.region }, synthesizer });
  return new NetworkConnectorGuardrail(stack, 'Guardrail', {
    allowed: AllowedNetworkConnectors.allInAccount(), networkTeamPath: TEAM.networkTeamPath, boundaryName: 'DeveloperBoundary',
  }).scpDocument.toJSON();
}

/** Changes parameters and an output of the bootstrap, but no resource. */
async function poison(cloudFormation: CloudFormationClient): Promise<void> {
  const template: any = teamBootstrapTemplate({ ...TEAM, permissionSets: [] });
  template.Conditions.HasTrustedAccounts = { 'Fn::Equals': ['true', 'false'] };
  template.Outputs.Harmless = { Value: 'x' };
  await cloudFormation.send(new UpdateStackCommand({
    StackName: TOOLKIT,
    TemplateBody: JSON.stringify(template),
    Capabilities: ['CAPABILITY_NAMED_IAM'],
    Parameters: [
      { ParameterKey: 'TrustedAccounts', ParameterValue: FOREIGN },
      { ParameterKey: 'CloudFormationExecutionPolicies', ParameterValue: 'arn:aws:iam::aws:policy/AdministratorAccess' },
    ],
  }));
  await waitUntilStackUpdateComplete({ client: cloudFormation, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { StackName: TOOLKIT });
}

async function trustOfDeployRole(): Promise<string> {
  const iam = new IAMClient({ endpoint: aws.url, region: aws.region, credentials: LOCAL_CREDENTIALS });
  const { Role: role } = await iam.send(new GetRoleCommand({ RoleName: `cdk-netteam-deploy-role-${aws.account}-${aws.region}` }));
  return decodeURIComponent(role!.AssumeRolePolicyDocument!);
}

test('under the service control policy, an administrator cannot change the parameters of the bootstrap', async () => {
  const credentials = await administratorOf(aws);
  await aws.setServiceControlPolicy(serviceControlPolicy());
  await expect(poison(new CloudFormationClient({ endpoint: aws.url, region: aws.region, credentials })))
    .rejects.toThrow(/cloudformation:UpdateStack .*explicit deny in a service control policy/);
});

test('otherwise the next bootstrap would trust an account of the attacker, unless it names the trusted accounts', async () => {
  expect(await trustOfDeployRole()).not.toContain(FOREIGN);
  await poison(new CloudFormationClient({ endpoint: aws.url, region: aws.region, credentials: LOCAL_CREDENTIALS }));
  expect(await trustOfDeployRole()).not.toContain(FOREIGN);
  await bootstrap();
  expect(await trustOfDeployRole()).toContain(FOREIGN);
  await bootstrap(['--trust', '']);
  expect(await trustOfDeployRole()).not.toContain(FOREIGN);
});
