import type { Credential } from '#core/agent/identity/credential.ts';
import type { IdentityStore } from '#core/agent/identity/identity-file.ts';

/** What a simulated PC has in place of a file. */
export interface MemoryIdentity extends IdentityStore {
  kept: Credential | undefined;
  aside: { credential: boolean; work: boolean }[];
}

export function memoryIdentity(kept?: Credential): MemoryIdentity {
  const store: MemoryIdentity = {
    kept,
    aside: [],
    read: async () => store.kept,
    write: async (credential) => {
      store.kept = credential;
    },
    setAside: async (what) => {
      store.aside.push(what);
      if (what.credential) store.kept = undefined;
      return 'aside';
    },
  };
  return store;
}
