/** Launches a MicroVM for the tenant who asks, and stores the tenant as its owner. It must not create tokens. */
import { LambdaMicrovmsClient, RunMicrovmCommand, TerminateMicrovmCommand } from '@aws-sdk/client-lambda-microvms';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';

export interface Request {
  readonly requestContext: { readonly authorizer: { readonly jwt: { readonly claims: { readonly sub: string } } } };
}

const microvms = new LambdaMicrovmsClient({});
const parameters = new SSMClient({});

export async function handler({ requestContext }: Request, context: { readonly awsRequestId: string }) {
  const launch = JSON.parse(process.env.MICROVM_LAUNCH_REQUEST!);
  const { microvmId, endpoint } = await microvms.send(new RunMicrovmCommand({ ...launch, clientToken: context.awsRequestId }));
  const owner = requestContext.authorizer.jwt.claims.sub;
  try {
    await parameters.send(new PutParameterCommand({ Name: `${process.env.OWNERS_PATH}/${microvmId}`, Value: owner, Type: 'String' }));
  } catch (error) {
    // Nobody could ever use a MicroVM without an owner.
    await microvms.send(new TerminateMicrovmCommand({ microvmIdentifier: microvmId }));
    throw error;
  }
  return { statusCode: 201, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ microvmId, endpoint }) };
}
