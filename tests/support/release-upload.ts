import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { sha256 } from '#core/contract/ids.ts';
import { archiveParts, ENVELOPE_ENTRY, fileEntry } from '#core/release/archive.ts';
import type { Json, TestBackend } from './kanade.ts';
import type { Contents } from './release.ts';

/** The file that an admin carries. */
export function releaseArchive(envelope: Uint8Array, contents: Contents): Buffer {
  const bytes = new Map(Object.values(contents).map((content) => [sha256(content), Buffer.from(content)]));
  const entries = [...bytes].map(([hash, content]) => ({ name: fileEntry(hash), bytes: content }));
  return Buffer.concat([...archiveParts([{ name: ENVELOPE_ENTRY, bytes: envelope }, ...entries], 0)]);
}

/** A request to the API whose body is still to be written. */
export async function begin(
  backend: TestBackend,
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<ClientRequest> {
  const url = new URL(`${backend.url}/api/v1${path}`);
  const options = { method, headers: { authorization: `Bearer ${backend.token}`, ...headers } };
  if (backend.caFile === undefined) return requestPlain(url, options);
  return requestTls(url, { ...options, ca: await readFile(backend.caFile, 'utf8') });
}

export async function answerOf(sent: ClientRequest): Promise<IncomingMessage> {
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  return answer;
}

export async function bytesOf(answer: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

export async function upload(backend: TestBackend, archive: Uint8Array): Promise<{ status: number; body: Json }> {
  const sent = await begin(backend, 'POST', '/releases', { 'content-type': 'application/octet-stream' });
  sent.end(archive);
  const answer = await answerOf(sent);
  return { status: answer.statusCode!, body: JSON.parse((await bytesOf(answer)).toString()) };
}
