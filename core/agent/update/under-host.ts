import { dirname, join } from 'node:path';
import { readIfThere } from '#core/files/read-if-there.ts';
import { HOST, RELEASE_KEYS } from '#core/installation.ts';
import { isService, tellHost } from '#core/process/service.ts';
import { readReleaseKeys } from '#core/release/release-keys.ts';
import { releaseSource } from '#core/release/release-source.ts';
import type { UpdateOptions } from '../options.ts';
import { type HostState, parseHostState } from './host-state.ts';

export interface UnderHostOptions {
  /** Where the host has its state as well. */
  dataDir: string;
  proxy: () => string | undefined;
  onMetered: () => boolean;
  /** Ends this program in order. */
  end: (why: string) => void;
}

/** How the agent that kanade-host.exe runs is updated; undefined for any other: whatever installed that one has to do it. */
export function updatesUnderHost({ dataDir, proxy, onMetered, end }: UnderHostOptions): UpdateOptions | undefined {
  if (!isService(process.argv) || HOST === undefined) return undefined;
  const runningFolder = dirname(HOST);
  return {
    host: {
      state: () => readHostState(join(dataDir, 'host', 'state.txt')),
      handOver: (version) => {
        tellHost(`update ${version}`);
        end(`version ${version} takes over`);
      },
    },
    keys: () => readReleaseKeys(RELEASE_KEYS),
    platform: 'win-x64',
    versionsFolder: dirname(runningFolder),
    runningFolder,
    source: ({ urls, ca }) => {
      const by = proxy();
      return releaseSource({
        urls,
        ...(ca === undefined ? {} : { ca }),
        ...(by === undefined ? {} : { proxy: by }),
        env: process.env,
        random: Math.random,
      });
    },
    onMetered,
  };
}

/** What the host cannot read itself it takes for nothing. */
async function readHostState(path: string): Promise<HostState> {
  const text = await readIfThere(path);
  return (text && parseHostState(text.toString('utf8'))) ?? { current: '', previous: '', trial: false, barred: [] };
}
