/**
 * A broker that isolates tenants who share an image: IAM can limit a token to an image, not to a MicroVM or a port, so one function alone holds
 * `launcher.grantConnect`, and says who gets a token for what.
 *
 * It answers to an HTTP API with a JWT authorizer.
 */

export interface Request {
  readonly pathParameters?: { readonly microvmId?: string };
  readonly requestContext: { readonly authorizer?: { readonly jwt?: { readonly claims?: { readonly sub?: string } } } };
}

export interface Answer {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export interface BrokerProps {
  /** The tenant whose MicroVM it is, as it was written down at the launch; undefined if it is nobody's. */
  readonly ownerOf: (microvmId: string) => Promise<string | undefined>;
  /** A token for the MicroVM's endpoint. */
  readonly mintToken: (microvmId: string, ports: readonly number[], minutes: number) => Promise<Record<string, string>>;
}

/** The port of the application; that of its hooks is nobody's business. */
const PORTS = [8080];
const MINUTES = 5;

export function createBroker({ ownerOf, mintToken }: BrokerProps): (request: Request) => Promise<Answer> {
  return async request => {
    const tenant = request.requestContext.authorizer?.jwt?.claims?.sub;
    const microvmId = request.pathParameters?.microvmId;
    // One answer for all that is not theirs: it does not tell which MicroVMs there are.
    if (!tenant || !microvmId || await ownerOf(microvmId) !== tenant) return answer(403, { message: 'not your MicroVM' });
    return answer(200, { token: await mintToken(microvmId, PORTS, MINUTES), ports: PORTS, expiresInMinutes: MINUTES });
  };
}

function answer(statusCode: number, body: object): Answer {
  return { statusCode, headers: { 'content-type': 'application/json', 'cache-control': 'no-store' }, body: JSON.stringify(body) };
}
