import type { Probe } from './probe';
import { isDenied, outcome } from './probe';
import { allow } from './statements';

const KEY = 'iam:PassedToService';
/** Service principals that the service might use. */
const CANDIDATES = ['lambda.amazonaws.com', 'microvms.lambda.amazonaws.com', 'lambda-microvms.amazonaws.com', 'microvms.amazonaws.com'];

/** Whether requests carry the service that a role is passed to. */
export const passRole: Probe = {
  name: 'iam:PassRole',
  facts: ['passedToService', 'passedToServiceOfConnectors'],
  async run(context, settle) {
    const { ExecutionRoleArn, OperatorRoleArn } = context.outputs;
    const launchIf = async (condition: object) => {
      const by = await context.serviceUnder(...launching(), allow('iam:PassRole', ExecutionRoleArn, condition));
      return outcome(() => context.launch({}, by));
    };
    const absent = await launchIf({ Null: { [KEY]: 'true' } });
    const present = await launchIf({ Null: { [KEY]: 'false' } });
    if (isDenied(absent) && !isDenied(present)) {
      const accepted: string[] = [];
      for (const service of CANDIDATES) {
        if (!isDenied(await launchIf({ StringEquals: { [KEY]: service } }))) accepted.push(service);
      }
      settle('passedToService', 'no', `a launch is denied if the key must be absent; accepted values: ${accepted.join(', ') || 'none'}, out of ${CANDIDATES.join(', ')}`);
    } else if (isDenied(present) && !isDenied(absent)) {
      settle('passedToService', 'yes', 'a launch is denied if the key must be present');
    } else {
      settle('passedToService', 'unclear', `if it must be absent: ${said(absent)}; if it must be present: ${said(present)}`);
    }

    const createIf = await context.serviceUnder(allow(['lambda:CreateNetworkConnector', 'lambda:TagResource'], '*'), allow('iam:PassRole', OperatorRoleArn, {
      Null: { [KEY]: 'true' },
    }));
    const created = await outcome(() => context.connectors.create(OperatorRoleArn, {}, createIf));
    if (created.rejected === undefined) settle('passedToServiceOfConnectors', 'yes', 'a connector is created if the key must be absent');
    else settle('passedToServiceOfConnectors', isDenied(created) ? 'no' : 'unclear', created.rejected);
  },
};

/** Statements that a launch needs besides iam:PassRole for the execution role. */
function launching(): object[] {
  return [allow('lambda:RunMicrovm', '*'), allow('lambda:PassNetworkConnector', '*')];
}

function said({ rejected }: { readonly rejected?: string }): string {
  return rejected ?? 'allowed';
}

