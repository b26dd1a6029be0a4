/**
 * A terminal in a MicroVM that was launched with `MicrovmIngress.httpWithShell()`: `npx tsx terminal.ts microvm-...`.
 * It needs Node.js 22.
 *
 * The caller needs `launcher.grantShell`, and `lambda:GetMicrovm` on the image.
 */
import { CreateMicrovmShellAuthTokenCommand, GetMicrovmCommand, LambdaMicrovmsClient } from '@aws-sdk/client-lambda-microvms';

const TOKEN = 'X-aws-proxy-auth';

/** A WebSocket client that cannot send headers, such as a browser, sends the token as a subprotocol. */
export function subprotocols(token: string): string[] {
  return ['lambda-microvms', `lambda-microvms.authentication.${token}`];
}

async function main(microvmIdentifier: string): Promise<void> {
  const client = new LambdaMicrovmsClient({});
  const { endpoint } = await client.send(new GetMicrovmCommand({ microvmIdentifier }));
  const { authToken } = await client.send(new CreateMicrovmShellAuthTokenCommand({ microvmIdentifier, expirationInMinutes: 5 }));
  const socket = new WebSocket(`wss://${endpoint}/`, subprotocols(authToken![TOKEN]));
  socket.binaryType = 'arraybuffer';

  const { stdin, stdout } = process;
  const restore = () => {
    stdin.setRawMode?.(false);
    stdin.pause();
  };
  socket.onopen = () => {
    // In raw mode the shell receives each key at once, Ctrl-C included.
    stdin.setRawMode?.(true);
    stdin.on('data', key => socket.send(key)).resume();
  };
  socket.onmessage = ({ data }) => stdout.write(typeof data === 'string' ? data : Buffer.from(data));
  socket.onclose = restore;
  socket.onerror = () => {
    restore();
    console.error('The shell does not answer. Was the MicroVM launched with shell ingress, and does it run?');
    process.exitCode = 1;
  };
}

if (require.main === module) void main(process.argv[2]);
