import { integer, is, optional, string, type } from 'superstruct';
import { parseJson } from '#core/contract/codec.ts';
import type { Message, Nats } from '#core/nats/connection.ts';

/** One server's answer to a question to all of them. */
const Answer = type({
  server: type({ id: string(), name: string(), cluster: optional(string()) }),
  error: optional(type({ code: integer(), description: string() })),
  statsz: optional(type({ active_servers: optional(integer()) })),
});

export interface ServerAnswer {
  id: string;
  name: string;
  /** Whether it is one of several. */
  clustered: boolean;
  /** Its own words when it is a refusal. */
  refusal: string | undefined;
}

/**
 * Asks every server of the broker, by a connection in the system account. Resolves when all have answered, or after `wait`
 * milliseconds with those that did.
 */
export async function askEveryServer(system: Nats, subject: string, body: Uint8Array, wait: number): Promise<ServerAnswer[]> {
  return collect(system, subject, body, await serverCount(system, wait), wait);
}

/** As the first to answer counts them: one that was killed is counted for some minutes more. */
async function serverCount(system: Nats, wait: number): Promise<number> {
  const answer = parseAnswer(await system.request('$SYS.REQ.SERVER.PING', new Uint8Array(), { timeout: wait }));
  return answer?.statsz?.active_servers ?? 1;
}

function collect(system: Nats, subject: string, body: Uint8Array, expected: number, wait: number): Promise<ServerAnswer[]> {
  return new Promise((resolve) => {
    const answers = new Map<string, ServerAnswer>();
    const inbox = system.inbox();
    const finish = () => {
      clearTimeout(timer);
      subscription.unsubscribe();
      resolve([...answers.values()]);
    };
    const timer = setTimeout(finish, wait);
    const subscription = system.subscribe(inbox, (message) => {
      const answer = parseAnswer(message);
      if (answer === undefined) return;
      const { server, error } = answer;
      const { id, name, cluster } = server;
      answers.set(id, { id, name, clustered: cluster !== undefined, refusal: error?.description });
      if (answers.size >= expected) finish();
    });
    system.publish(subject, body, inbox);
  });
}

/** Undefined for what no server says. */
function parseAnswer({ data }: Message) {
  if (data.length === 0) return undefined;
  const answer = parseJson(data);
  return is(answer, Answer) ? answer : undefined;
}
