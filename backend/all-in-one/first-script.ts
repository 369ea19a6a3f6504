import { setTimeout as sleep } from 'node:timers/promises';
import { isFinal, type TargetState } from '#core/contract/target-state.ts';
import type { ApiClient } from './api-client.ts';

export interface FirstResult {
  script: string;
  state: string;
  stdout: string;
  stderr: string;
}

const POLL_MS = 100;

/** Tries until it gives something. Rejects when `signal` aborts. */
export async function until<T>(probe: () => Promise<T | undefined | false>, signal: AbortSignal): Promise<T> {
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    await sleep(POLL_MS, undefined, { signal });
  }
}

/** Runs a harmless script on one PC that is online and waits for what it says. */
export async function runFirstScript(api: ApiClient, pcId: string, signal: AbortSignal): Promise<FirstResult> {
  const request =
    process.platform === 'win32'
      ? { shell: 'powershell', script: "$env:COMPUTERNAME; Get-Date -Format 'yyyy-MM-dd HH:mm:ss K'" }
      : { shell: 'sh', script: 'hostname; date' };
  const target = { pcs: [pcId] };
  const { exec_id } = await api.post<{ exec_id: string }>('/executions', {
    ...request,
    target,
    run_as: 'system',
    timeout: '60s',
    expires_in: '10m',
  });
  const row = await until(async () => {
    const targets = await api.get<{ items: { state: TargetState; result_id: string | null }[] }>(`/executions/${exec_id}/targets`);
    return targets?.items.find(({ state }) => isFinal(state));
  }, signal);
  const result = row.result_id === null ? undefined : await api.get<{ stdout: string; stderr: string }>(`/results/${row.result_id}`);
  return { script: request.script, state: row.state, stdout: result?.stdout ?? '', stderr: result?.stderr ?? '' };
}
