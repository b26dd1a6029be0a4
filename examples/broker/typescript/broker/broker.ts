/**
 * A broker that isolates tenants who share an image.
 *
 * IAM can limit a token to an image, but not to a MicroVM or a port. So one function alone has `launcher.grantConnect`.
 * It decides who receives a token for which MicroVM. The function is behind an HTTP API with a JWT authorizer.
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
  /** Returns the tenant who owns the MicroVM, as stored at its launch; undefined if the MicroVM has no owner. */
  readonly ownerOf: (microvmId: string) => Promise<string | undefined>;
  /** Creates a token for the endpoint of the MicroVM. */
  readonly createToken: (microvmId: string, ports: readonly number[], minutes: number) => Promise<Record<string, string>>;
}

/** The port of the application. Tenants receive no token for the port of the hooks. */
const PORTS = [8080];
const MINUTES = 5;

export function createBroker({ ownerOf, createToken }: BrokerProps): (request: Request) => Promise<Answer> {
  return async request => {
    const tenant = request.requestContext.authorizer?.jwt?.claims?.sub;
    const microvmId = request.pathParameters?.microvmId;
    // The same answer for every other MicroVM: it does not reveal which MicroVMs exist.
    if (!tenant || !microvmId || await ownerOf(microvmId) !== tenant) return answer(403, { message: 'not your MicroVM' });
    return answer(200, { token: await createToken(microvmId, PORTS, MINUTES), ports: PORTS, expiresInMinutes: MINUTES });
  };
}

function answer(statusCode: number, body: object): Answer {
  return { statusCode, headers: { 'content-type': 'application/json', 'cache-control': 'no-store' }, body: JSON.stringify(body) };
}
