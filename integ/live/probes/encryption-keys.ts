import { requestBuild, untilBuilt } from './builds';
import { lacksPermission, said, settleNeed } from './need';
import type { Outcome, Probe } from './probe';
import { outcome } from './probe';
import type { ProbeContext } from './probe-context';
import { KEY_ACTIONS } from './stack-outputs';
import { allow } from './statements';
import type { FactId } from '../facts/catalog';

const FACTS: Readonly<Record<(typeof KEY_ACTIONS)[number], FactId>> = {
  'kms:DescribeKey': 'kmsDescribeKey',
  'kms:GenerateDataKey': 'kmsGenerateDataKey',
  'kms:Decrypt': 'kmsDecrypt',
  'kms:CreateGrant': 'kmsCreateGrant',
};

/** Which actions on a customer managed key the caller needs. The key policy leaves that to IAM policies. */
export const encryptionKeys: Probe = {
  name: 'encryption keys',
  facts: ['kmsKey', 'kmsViaService', 'kmsDescribeKey', 'kmsGenerateDataKey', 'kmsDecrypt', 'kmsCreateGrant', 'kmsBuild', 'kmsBuildCaller'],
  async run(context, settle) {
    const strict = await launch(context, KEY_ACTIONS, viaService(context));
    const complete = strict.rejected === undefined ? strict : await launch(context, KEY_ACTIONS);
    const none = await launch(context, []);
    const evidence = `with the condition: ${said(strict)}; without it: ${said(complete)}; without any permission on the key: ${said(none)}`;
    const isKnown = none.rejected !== undefined && complete.rejected === undefined;
    settle('kmsViaService', !isKnown ? 'unclear' : strict.rejected === undefined ? 'yes' : 'no', evidence);
    settle('kmsKey', complete.rejected === undefined ? 'yes' : 'unclear', complete.rejected ?? 'a MicroVM runs with the key');
    for (const action of KEY_ACTIONS) {
      settleNeed(settle, FACTS[action], complete, await launch(context, KEY_ACTIONS.filter(other => other !== action)));
    }

    const denied = await build(context, []);
    settle('kmsBuildCaller', denied.rejected === undefined ? 'no' : lacksPermission(denied) ? 'yes' : 'unclear', said(denied));
    const built = await build(context, KEY_ACTIONS);
    settle('kmsBuild', built.rejected === undefined ? 'yes' : 'no', built.rejected ?? 'the version is SUCCESSFUL');
  },
};

/** The condition with which the library grants the actions. */
function viaService({ account: { region, partition } }: ProbeContext): object {
  return { StringEquals: { 'kms:ViaService': `lambda.${region}.${partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'}` } };
}

/** Launches a MicroVM with the key, and waits until it runs or terminates. */
async function launch(context: ProbeContext, actions: readonly string[], condition?: object): Promise<Outcome<string>> {
  const { outputs: { ExecutionRoleArn, KeyArn } } = context;
  const by = await context.serviceUnder(
    allow('lambda:RunMicrovm', '*'), allow('iam:PassRole', ExecutionRoleArn), allow('lambda:PassNetworkConnector', '*'), ...onKey(KeyArn, actions, condition),
  );
  const launched = await outcome(() => context.launch({}, by, { kmsKeyIdentifier: KeyArn }));
  if (launched.rejected !== undefined) return launched;
  const { state, stateReason } = await context.until(launched.answer, 'RUNNING', 'TERMINATED');
  return state === 'RUNNING' ? launched : { rejected: `the MicroVM has terminated: ${stateReason}` };
}

/** Builds a version with the key. */
async function build(context: ProbeContext, actions: readonly string[]): Promise<Outcome<string>> {
  const { outputs: { BuildRoleArn, KeyArn } } = context;
  const by = await context.serviceUnder(
    allow('lambda:UpdateMicrovmImage', '*'), allow('iam:PassRole', BuildRoleArn), allow('lambda:PassNetworkConnector', '*'), ...onKey(KeyArn, actions),
  );
  const requested = await outcome(() => requestBuild(context, {}, by, { kmsKeyIdentifier: KeyArn }));
  if (requested.rejected !== undefined) return requested;
  const { state, stateReason } = await untilBuilt(context, requested.answer);
  return state === 'SUCCESSFUL' ? requested : { rejected: `version ${requested.answer} is ${state}: ${stateReason ?? 'no reason given'}` };
}

function onKey(keyArn: string, actions: readonly string[], condition?: object): object[] {
  return actions.length === 0 ? [] : [allow([...actions], keyArn, condition)];
}
