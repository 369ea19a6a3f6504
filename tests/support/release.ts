import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { encode } from '#core/contract/codec.ts';
import { sha256 } from '#core/contract/ids.ts';
import { publicTextOf, signEnvelope } from '#core/release/envelope.ts';
import { installedText } from '#core/release/installed.ts';
import type { ReleaseFile, ReleaseManifest } from '#core/release/manifest.ts';

export const SIGNED_AT = Date.parse('2026-11-22T12:00:00Z');
export const EXPIRES_AT = SIGNED_AT + 90 * 86_400_000;

export interface ReleaseKey {
  private: KeyObject;
  public: string;
}

export function releaseKey(): ReleaseKey {
  const key = generateKeyPairSync('ed25519').privateKey;
  return { private: key, public: publicTextOf(key) };
}

/** What files hold, by their paths. */
export type Contents = Record<string, string | Uint8Array>;

export function filesOf(contents: Contents): ReleaseFile[] {
  return Object.entries(contents).map(([path, content]) => ({ path, size: Buffer.from(content).length, sha256: sha256(content) }));
}

export function manifestOf(contents: Contents, change: Partial<ReleaseManifest> = {}): ReleaseManifest {
  return {
    format: 1,
    product: 'kanade-agent',
    platform: 'win-x64',
    version: '1.1.0',
    serial: SIGNED_AT / 1000,
    created: new Date(SIGNED_AT).toISOString(),
    expires: new Date(EXPIRES_AT).toISOString(),
    files: filesOf(contents),
    ...change,
  };
}

export function envelopeOf(manifest: unknown, ...keys: ReleaseKey[]): Uint8Array {
  return signEnvelope(
    encode(manifest),
    keys.map((key) => key.private),
  );
}

/** The folder of a version as it lies on a PC. */
export async function installVersion(folder: string, version: string, contents: Contents): Promise<void> {
  for (const [path, content] of Object.entries({ ...contents, 'release.json': installedText(version, filesOf(contents)) })) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}
