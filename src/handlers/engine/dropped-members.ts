import type { DeserializeMiddleware } from '@smithy/types';

/** A command of the SDK, as far as `answerOf` needs it. */
interface AnyCommand {
  readonly middlewareStack: {
    add(middleware: DeserializeMiddleware<any, any>, options: { step: 'deserialize'; priority: 'low'; name: string }): void;
  };
}

/**
 * Returns a function for the JSON body of the answer to a command, after the command has been sent.
 *
 * The installed client drops members of answers that are newer than it is.
 */
export function answerOf<Answer>(command: AnyCommand): () => Answer {
  let answer: Answer;
  command.middlewareStack.add(next => async args => {
    const result = await next(args);
    const response = result.response as { statusCode: number; body: AsyncIterable<Uint8Array> };
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    if (response.statusCode < 300) answer = JSON.parse(body.toString());
    return { ...result, response: { ...response, body } };
  }, { step: 'deserialize', priority: 'low', name: 'recordAnswer' });
  return () => answer;
}
