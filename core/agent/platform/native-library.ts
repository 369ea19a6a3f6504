import { createRequire } from 'node:module';
import { join } from 'node:path';

/** A method of .NET as edge-js gives it. */
type Call = (input: null, done: (error: unknown, answer: unknown) => void) => void;

interface Edge {
  func(method: { assemblyFile: string; typeName: string; methodName: string }): Call;
}

/**
 * Has .NET loaded into this process, for good, and gives what reads the facts of the PC by it. Throws where edge-js or our library is
 * missing, or is not for this Node. On the main thread only: a second thread that did it would end the process.
 */
export function openNativeLibrary(folder: string, env: NodeJS.ProcessEnv): () => Promise<unknown> {
  const require = createRequire(import.meta.url);
  const read = withoutVariablesOfEdge(env, () => {
    const edge = require(join(folder, 'edge-js', 'lib', 'edge.js')) as Edge;
    return edge.func({ assemblyFile: join(folder, 'Kanade.Native.dll'), typeName: 'Kanade.Native.PcFacts', methodName: 'Read' });
  });
  // It may throw at once, or answer with an error.
  return () => new Promise((resolve, reject) => read(null, (error, answer) => (error ? reject(errorOf(error)) : resolve(answer))));
}

/** It goes by variables, which say what is loaded, and sets one: neither is for a script that has an edge-js of its own. */
function withoutVariablesOfEdge<T>(env: NodeJS.ProcessEnv, work: () => T): T {
  const names = () => Object.keys(env).filter((name) => /^EDGE_/i.test(name));
  const before = names().map((name) => [name, env[name]] as const);
  const clear = () => {
    for (const name of names()) delete env[name];
  };
  clear();
  try {
    return work();
  } finally {
    clear();
    for (const [name, value] of before) env[name] = value;
  }
}

/** An exception of .NET is an object with these names, and no Error of ours. */
function errorOf(error: unknown): Error {
  if (error instanceof Error) return error;
  const { message, Message = message } = Object(error) as { message?: unknown; Message?: unknown };
  return new Error(String(Message ?? error));
}
