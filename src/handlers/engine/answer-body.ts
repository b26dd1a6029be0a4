/** A command of any client of the AWS SDK. */
interface ClientCommand {
  readonly middlewareStack: { add(middleware: any, options: any): void };
}

/**
 * Returns a function for the JSON body of the answer to a command, to call after the command has been sent.
 *
 * The body has all members. A client drops those that it does not know silently.
 */
export function answerTo<Answer>(command: ClientCommand): () => Answer {
  let answer: Answer;
  command.middlewareStack.add(
    (next: any) => async (args: any) => {
      const result = await next(args);
      const { response } = result;
      const chunks: Uint8Array[] = [];
      for await (const chunk of response.body ?? []) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      if (response.statusCode < 300) answer = JSON.parse(body.toString()) as Answer;
      response.body = body;
      return result;
    },
    // After the client has received the answer, and before it deserializes the body.
    { step: 'deserialize', priority: 'low' },
  );
  return () => answer;
}
