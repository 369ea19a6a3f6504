import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A folder as the agent's package has it on a PC, with an edge-js that knows no .NET: `method` is the text of a function that is called
 * as a method of .NET is, with an input and a callback.
 */
export async function fakeEdge(folder: string, method: string): Promise<string> {
  await putEdge(folder, `exports.func = () => ${method};`);
  return folder;
}

/** `text` is all of edge.js. */
export async function putEdge(folder: string, text: string): Promise<void> {
  const lib = join(folder, 'edge-js', 'lib');
  await mkdir(lib, { recursive: true });
  await writeFile(join(folder, 'edge-js', 'package.json'), '{"name":"edge-js"}');
  await writeFile(join(lib, 'edge.js'), text);
}
