export interface ReceivedEvent {
  id?: string;
  event: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts on it field by field
  data: any;
}

/** The events of a response, as they come, until it ends; leaving the loop closes the connection. */
export async function* eventsOf(response: Response): AsyncGenerator<ReceivedEvent, void, void> {
  let buffer = '';
  for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
    buffer += part;
    for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
      const event = parse(buffer.slice(0, end));
      buffer = buffer.slice(end + 2);
      if (event !== undefined) yield event;
    }
  }
}

/** Undefined for a comment. */
function parse(block: string): ReceivedEvent | undefined {
  const fields = Object.fromEntries(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
  if (fields.event === undefined) return undefined;
  return { event: fields.event, data: JSON.parse(fields.data ?? 'null'), ...(fields.id === undefined ? {} : { id: fields.id }) };
}
