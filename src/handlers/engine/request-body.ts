import type { RequestOverrideValues } from '../../contract/request-overrides';
import { overrideRequest } from '../../contract/request-overrides';

/** A command of any client of the AWS SDK. */
interface ClientCommand {
  readonly middlewareStack: { add(middleware: any, options: any): void };
}

type Body = Record<string, unknown>;

/**
 * Adds members to the JSON body that a command sends. They reach the service even if the installed client does not know
 * them: a client drops unknown members silently. Absent members change nothing.
 *
 * Only for members that belong to the body, with values as the service expects them in JSON.
 */
export function withMembers<Command extends ClientCommand>(command: Command, members: object): Command {
  return Object.values(members).every(value => value === undefined) ? command : withBody(command, body => ({ ...body, ...members }));
}

/** Applies the overrides of the user, the property `RequestOverrides` of a resource, to the body of a command. */
export function withOverrides<Command extends ClientCommand>(command: Command, overrides: string | undefined): Command {
  return overrides === undefined ? command : withBody(command, body => applyOverrides(body, overrides));
}

/** Returns a request with the overrides of the user, the property `RequestOverrides` of a resource. */
export function applyOverrides<Request extends object>(request: Request, overrides: string | undefined): Request {
  return overrides === undefined ? request : overrideRequest(request, JSON.parse(overrides) as RequestOverrideValues);
}

/** The body is changed before its length is measured and before it is signed. */
function withBody<Command extends ClientCommand>(command: Command, change: (body: Body) => Body): Command {
  command.middlewareStack.add(
    (next: any) => async (args: any) => {
      const { request } = args;
      request.body = JSON.stringify(change(bodyOf(request.body)));
      return next(args);
    },
    { step: 'build', priority: 'high' },
  );
  return command;
}

function bodyOf(body: string | Uint8Array | undefined): Body {
  return body === undefined || body.length === 0 ? {} : JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body)) as Body;
}
