import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { apiClient } from './api-client.ts';
import { until } from './first-script.ts';

export interface OwnAgent {
  /** Of the backend, and PEM of the CA that it is checked against. */
  url: string;
  ca: string | undefined;
  tokenFile: string;
  dataDir: string;
  pcId: string;
  signal: AbortSignal;
}

/**
 * What this machine's own agent is started with besides its flags: where it renews its identity, and, as long as it has none, a
 * token to enrol with, for it alone. By its environment, for command lines are read by everybody.
 */
export async function ownAgentEnv({
  url,
  ca,
  tokenFile,
  dataDir,
  pcId,
  signal,
}: OwnAgent): Promise<{ env: NodeJS.ProcessEnv; trouble: string[] }> {
  const env = { KANADE_SERVER: url };
  if (existsSync(join(dataDir, 'agent', 'identity.json'))) return { env, trouble: [] };
  const token = (await readFile(tokenFile, 'utf8').catch(() => '')).trim();
  if (token === '') return { env, trouble: [`the agent of this machine cannot be enrolled: ${tokenFile} is missing`] };
  const api = apiClient({ url, token, ca, signal });
  await until(() => api.ready(), signal);
  const terms = { description: 'the agent of this machine', expires_in: '10m', uses: 1, name_pattern: pcId, replace: true };
  const made = await api.post<{ token: string }>('/enrolment-tokens', terms);
  return { env: { ...env, KANADE_ENROLMENT_TOKEN: made.token }, trouble: [] };
}
