import type { CpuConfiguration, MicrovmImageBuildSummary } from '@aws-sdk/client-lambda-microvms';
import { buildsOf, requestBuild, untilBuilt } from './builds';
import type { Outcome, Probe } from './probe';
import { isDenied, outcome } from './probe';
import type { ProbeContext } from './probe-context';
import { allow } from './statements';

type Architecture = 'ARM_64' | 'X86_64';

/** Builds a version for both CPU architectures; the caller may pass managed connectors by a pattern of ARNs. */
export const architectures: Probe = {
  name: 'architectures',
  facts: ['severalArchitectures', 'x86', 'passConnectorPatternAtBuild'],
  async run(context, settle) {
    const { account: { partition } } = context;
    const pattern = await request(context, `arn:${partition}:lambda:*:aws:network-connector:aws-network-connector:*`, 'ARM_64', 'X86_64');
    settle('passConnectorPatternAtBuild', isDenied(pattern) ? 'no' : pattern.rejected === undefined ? 'yes' : 'unclear', pattern.rejected ?? 'accepted');
    const both = isDenied(pattern) ? await request(context, '*', 'ARM_64', 'X86_64') : pattern;
    const several = both.rejected === undefined ? await built(context, both.answer) : undefined;
    settle('severalArchitectures', several?.isSuccessful ? 'yes' : several === undefined ? 'no' : 'unclear', several?.evidence ?? both.rejected!);

    const alone = several === undefined ? await request(context, '*', 'X86_64') : undefined;
    if (alone?.rejected !== undefined) return settle('x86', 'no', alone.rejected);
    const { builds, evidence } = alone === undefined ? several! : await built(context, alone.answer);
    const intel = builds.filter(({ architecture }) => architecture as string === 'X86_64');
    const isBuilt = intel.length > 0 && intel.every(({ buildState }) => buildState === 'SUCCESSFUL');
    settle('x86', isBuilt ? 'yes' : intel.some(({ buildState }) => buildState === 'FAILED') ? 'no' : 'unclear', evidence);
  },
};

async function request(context: ProbeContext, connectors: string, ...wanted: Architecture[]): Promise<Outcome<string>> {
  const { account: { partition, region }, outputs: { BuildRoleArn } } = context;
  const by = await context.serviceUnder(
    allow('lambda:UpdateMicrovmImage', '*'), allow('iam:PassRole', BuildRoleArn), allow('lambda:PassNetworkConnector', connectors),
  );
  return outcome(() => requestBuild(context, {
    // The types of the installed client know ARM_64 only.
    cpuConfigurations: wanted.map(architecture => ({ architecture }) as CpuConfiguration),
    egressNetworkConnectors: [`arn:${partition}:lambda:${region}:aws:network-connector:aws-network-connector:INTERNET_EGRESS`],
  }, by));
}

interface Built {
  readonly isSuccessful: boolean;
  readonly builds: readonly MicrovmImageBuildSummary[];
  readonly evidence: string;
}

async function built(context: ProbeContext, version: string): Promise<Built> {
  const { state } = await untilBuilt(context, version);
  const builds = await buildsOf(context, version);
  const each = builds.map(({ architecture, chipset, chipsetGeneration, buildState, stateReason }) =>
    [architecture, chipset, chipsetGeneration, buildState, stateReason].filter(Boolean).join(' '));
  return { isSuccessful: state === 'SUCCESSFUL', builds, evidence: `version ${version} is ${state}; its builds: ${each.join(', ') || 'none'}` };
}
