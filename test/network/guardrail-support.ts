import type { App } from 'aws-cdk-lib';
import { DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { NetworkConnectorGuardrailProps } from '../../src';
import { AllowedNetworkConnectors, NetworkConnectorGuardrail } from '../../src';
import type { Question } from '../support/iam';
import { expectAnswers } from '../support/iam';
import { ACCOUNT, REGION, testApp } from '../support/stacks';
import { ResolvedTemplate } from '../support/template';

export const TEAM_PATH = '/network-team/';
export const ALLOW_ALL = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
export const role = (name: string, path = '/') => `arn:aws:iam::${ACCOUNT}:role${path}${name}`;
export const DEVELOPER = role('developer');
export const TEAM = role('deployment', TEAM_PATH);

export const stackArn = (name: string) => `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${name}/5e7a`;
export const functionArn = (name: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
export const bound = (boundary = 'developer-boundary') => ({ 'iam:PermissionsBoundary': `arn:aws:iam::${ACCOUNT}:policy/${boundary}` });
export const ofStack = (name: string) => ({ 'aws:ResourceTag/aws:cloudformation:stack-name': name });

/** The documents of a guardrail, as its stack is deployed. */
export function documentsOf(rail: NetworkConnectorGuardrail) {
  const stack = Stack.of(rail);
  const denyPolicy = rail.denyPolicy;
  const scp = stack.resolve(rail.scpDocument);
  const deployed = ResolvedTemplate.stack(stack);
  const policy = (id: string) => deployed.resource('AWS::IAM::ManagedPolicy', id).Properties;
  expect(denyPolicy).toBeDefined();
  return {
    boundary: policy('GuardrailBoundary').PolicyDocument,
    serviceControlPolicy: deployed.resolve(scp),
    denyPolicy: policy('GuardrailDenyPolicy').PolicyDocument,
    denyPolicyPath: policy('GuardrailDenyPolicy').Path,
  };
}

export function teamApp(): App {
  const app = testApp();
  NetworkConnectorGuardrail.applyNetworkTeamPath(app, TEAM_PATH);
  return app;
}

export function teamStack(scope: Construct, name: string, qualifier = 'netteam'): Stack {
  return new Stack(scope, name, { env: { account: ACCOUNT, region: REGION }, synthesizer: new DefaultStackSynthesizer({ qualifier }) });
}

export function guardrail(stack: Stack, props: Partial<NetworkConnectorGuardrailProps> = {}) {
  return new NetworkConnectorGuardrail(stack, 'Guardrail', {
    allowed: AllowedNetworkConnectors.allInAccount(), networkTeamPath: TEAM_PATH, boundaryName: 'developer-boundary', ...props,
  });
}

/** Expects that a developer is denied in every form of the guardrail, and that the team is not. */
export async function expectTheTeamsAlone(documents: ReturnType<typeof documentsOf>, questions: Question[]): Promise<void> {
  const { boundary, serviceControlPolicy, denyPolicy } = documents;
  await expectAnswers([ALLOW_ALL], false, questions, { principal: DEVELOPER, boundary });
  await expectAnswers([ALLOW_ALL], false, questions, { principal: DEVELOPER, serviceControlPolicy });
  await expectAnswers([ALLOW_ALL, denyPolicy], false, questions, { principal: DEVELOPER });
  await expectAnswers([ALLOW_ALL], true, questions, { principal: TEAM, serviceControlPolicy });
}

/** Expects that every form of the guardrail lets a developer do this. */
export async function expectOpen({ boundary, serviceControlPolicy }: ReturnType<typeof documentsOf>, questions: Question[]): Promise<void> {
  await expectAnswers([ALLOW_ALL], true, questions, { principal: DEVELOPER, boundary });
  await expectAnswers([ALLOW_ALL], true, questions, { principal: DEVELOPER, serviceControlPolicy });
}
