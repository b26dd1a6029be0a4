import { LambdaMicrovmsClient, ListMicrovmImageVersionsCommand } from '@aws-sdk/client-lambda-microvms';
import type { Account } from './account';
import type { Creation, Measurement } from './times';

const STACK = 'AWS::CloudFormation::Stack';
/** Outputs of launch checks in the apps, in milliseconds. */
const LAUNCHES: Record<string, string> = { TimeToRunning: 'launch until RUNNING', TimeToFirstResponse: 'launch until the first response' };

/** Times of the service, and how much longer the deployments took. */
export async function appTimes(
  account: Account, where: string, created: readonly Creation[], outputs: Readonly<Record<string, string>>,
): Promise<Measurement[]> {
  const times: Measurement[] = created.filter(({ type }) => type === STACK)
    .map(({ stack, milliseconds }) => ({ where, what: `deployment of ${stack}`, milliseconds }));
  for (const { logicalId, physicalId, type, milliseconds } of created.filter(creation => creation.type.startsWith('Custom::'))) {
    if (type === 'Custom::MicrovmImage') {
      const build = await buildTime(account, physicalId);
      times.push({ where, what: `build of image ${logicalId}`, milliseconds: build });
      times.push({ where, what: `deployment of image ${logicalId} without its build`, milliseconds: milliseconds - build });
    } else if (/^Custom::(NetworkConnector|Microvm|MicrovmLaunchCheck)$/.test(type)) {
      times.push({ where, what: `deployment of ${type.slice('Custom::'.length)} ${logicalId}`, milliseconds });
    }
  }
  const launches = Object.entries(LAUNCHES).filter(([output]) => output in outputs);
  return [...times, ...launches.map(([output, what]) => ({ where, what, milliseconds: Number(outputs[output]) }))];
}

/** Time from the request of the first version to its last change, which is when it became active. */
async function buildTime(account: Account, imageIdentifier: string): Promise<number> {
  const service = new LambdaMicrovmsClient(account.client);
  const { items = [] } = await service.send(new ListMicrovmImageVersionsCommand({ imageIdentifier }));
  const [first] = items.sort((a, b) => Number(a.imageVersion) - Number(b.imageVersion));
  return (first.updatedAt ?? first.createdAt!).getTime() - first.createdAt!.getTime();
}
