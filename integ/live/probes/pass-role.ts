import type { Probe } from './probe';
import { isDenied, outcome } from './probe';
import { allow } from './statements';

const KEY = 'iam:PassedToService';
/** What the service might call itself. */
const CANDIDATES = ['lambda.amazonaws.com', 'microvms.lambda.amazonaws.com', 'lambda-microvms.amazonaws.com', 'microvms.amazonaws.com'];

/** Whether the service says to whom a role is passed. */
export const passRole: Probe = {
  name: 'iam:PassRole',
  facts: ['passedToService', 'passedToServiceOfConnectors'],
  async ask(lab, say) {
    const { ExecutionRoleArn, OperatorRoleArn } = lab.outputs;
    const launchIf = async (condition: object) => {
      const by = await lab.serviceUnder(...launching(), allow('iam:PassRole', ExecutionRoleArn, condition));
      return outcome(() => lab.launch({}, by));
    };
    const absent = await launchIf({ Null: { [KEY]: 'true' } });
    const present = await launchIf({ Null: { [KEY]: 'false' } });
    if (isDenied(absent) && !isDenied(present)) {
      const accepted: string[] = [];
      for (const service of CANDIDATES) {
        if (!isDenied(await launchIf({ StringEquals: { [KEY]: service } }))) accepted.push(service);
      }
      say('passedToService', 'no', `a launch is denied if the key must be absent; of ${CANDIDATES.join(', ')} it is ${accepted.join(', ') || 'none'}`);
    } else if (isDenied(present) && !isDenied(absent)) {
      say('passedToService', 'yes', 'a launch is denied if the key must be present');
    } else {
      say('passedToService', 'unclear', `if absent: ${said(absent)}; if present: ${said(present)}`);
    }

    const createIf = await lab.serviceUnder(allow(['lambda:CreateNetworkConnector', 'lambda:TagResource'], '*'), allow('iam:PassRole', OperatorRoleArn, {
      Null: { [KEY]: 'true' },
    }));
    const created = await outcome(() => lab.connectors.create(OperatorRoleArn, {}, createIf));
    if (created.refused === undefined) say('passedToServiceOfConnectors', 'yes', 'a connector is created if the key must be absent');
    else say('passedToServiceOfConnectors', isDenied(created) ? 'no' : 'unclear', created.refused);
  },
};

/** What a launch needs besides the execution role. */
function launching(): object[] {
  return [allow('lambda:RunMicrovm', '*'), allow('lambda:PassNetworkConnector', '*')];
}

function said({ refused }: { readonly refused?: string }): string {
  return refused ?? 'allowed';
}

