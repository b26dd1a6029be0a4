/**
 * The broker on AWS. The launching function writes the owner of each MicroVM into a parameter. The broker needs
 * `ssm:GetParameter` on these parameters, and `launcher.grantConnect`.
 */
import { CreateMicrovmAuthTokenCommand, LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createBroker } from './broker';

const microvms = new LambdaMicrovmsClient({});
const parameters = new SSMClient({});

export const handler = createBroker({
  ownerOf: async microvmId => {
    if (!/^microvm-[0-9a-f-]{36}$/.test(microvmId)) return undefined;
    try {
      const { Parameter: parameter } = await parameters.send(new GetParameterCommand({ Name: `${process.env.OWNERS_PATH}/${microvmId}` }));
      return parameter?.Value;
    } catch (error) {
      if ((error as Error).name === 'ParameterNotFound') return undefined;
      throw error;
    }
  },
  createToken: async (microvmIdentifier, ports, expirationInMinutes) => {
    const { authToken } = await microvms.send(new CreateMicrovmAuthTokenCommand({
      microvmIdentifier, expirationInMinutes, allowedPorts: ports.map(port => ({ port })),
    }));
    return authToken!;
  },
});
