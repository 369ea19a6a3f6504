import type { Nats } from '#core/nats/connection.ts';
import { Wake } from '#core/nats/retry.ts';
import { compose } from './compose.ts';
import { followServers } from './identity/follow-servers.ts';
import { Identity } from './identity/identity.ts';
import { connectAgent } from './link.ts';
import type { AgentOptions, Known, Whole } from './options.ts';
import { clearLeftovers } from './run/leftover.ts';
import { sayFolderInUse } from './say-folder-in-use.ts';
import { serve } from './serve.ts';
import { openUntilUsable } from './unusable-folder.ts';
import { followHealth } from './update/follow-health.ts';

/**
 * One agent, from its folder to its last message (design section 4). Resolves after an orderly stop; rejects with
 * `folder_in_use` when another agent has the folder, with `no_identity` when it has nothing to enrol with, and when the
 * connection is dead beyond repair.
 */
export async function runAgent(given: AgentOptions): Promise<void> {
  const options: Whole = {
    wall: Date.now,
    mono: () => performance.now(),
    random: Math.random,
    step: () => {},
    writeEvent: () => {},
    ...given,
  };
  while (await runOnce(options)) options.log.info({}, 'the agent begins anew');
}

/** True when it has become another PC: then it begins anew as that. */
async function runOnce(options: Whole): Promise<boolean> {
  const { platform, version, signal } = options;
  const about = { version, hostname: platform.hostname, os: platform.os, tz: platform.tz };
  const identity = options.identity && (await Identity.open({ ...options, ...options.identity }));
  const before = knownAs(options, identity);
  const prepare = async () => identity?.settle();
  await using folder = await openUntilUsable({ ...options, prepare }, before, about, signal).catch((error) =>
    sayFolderInUse(before, signal, error),
  );
  if (folder === undefined) return false;
  options.onOpen?.();
  let link: Nats | undefined;
  const linked = new Wake();
  // Known only once all that it needs is open: without it nobody can tell how this version is.
  let servers = '';
  const { onHealth } = options;
  await using _health =
    onHealth &&
    inBackground((ended) =>
      followHealth(
        { connected: () => link?.connected ?? false, servers: () => servers, wake: linked, tell: onHealth, mono: options.mono },
        AbortSignal.any([ended, signal]),
      ),
    );
  const { ledgerId } = folder.ledger;
  await identity?.obtain(ledgerId, signal).catch(unlessAborted(signal));
  const known = knownAs(options, identity, ledgerId);
  if (known === undefined || signal.aborted) return false;
  await using _renewing = identity && inBackground((ended) => identity.keep(ledgerId, ended));
  const namedThen = named(options);
  const told = () => named(options) ?? identity?.enrolled?.servers.join(',');
  const { settings } = options;
  await using _following =
    identity &&
    inBackground((ended) =>
      followServers(
        {
          connectedTo: known.nats,
          told,
          connected: () => link?.connected ?? false,
          // From the moment at which a script is about to start, so that none is ended just when it does.
          moved: () => named(options) !== namedThen && told() !== known.nats && folder.ledger.launched().length === 0,
          settingsChanged: settings?.changed ?? new Wake(),
          ask: () => identity.renewEarly(),
          beginAnew: () => identity.beginAnew(),
          mono: options.mono,
          random: options.random,
        },
        ended,
      ),
    );
  const parts = await compose(known, folder);
  await parts.executor.recover();
  servers = known.nats;
  if (!options.stores) await clearLeftovers(parts.runDeps);
  await using nats = await connectAgent({ ...known, seal: parts.trust }, identity ? AbortSignal.any([signal, identity.again]) : signal);
  link = nats;
  linked.fire();
  if (nats !== undefined) {
    parts.connect(nats);
    await serve(known, { about, identity }, folder, parts, nats);
  }
  return identity?.again.aborted === true && !signal.aborted;
}

function knownAs(options: Whole, identity: Identity | undefined, ledgerId = ''): Known | undefined {
  const nats = named(options);
  if (identity === undefined) return nats === undefined ? undefined : { ...options, nats, apis: () => ({ urls: [], ca: undefined }) };
  const { enrolled } = identity;
  if (enrolled === undefined) return undefined;
  return {
    ...options,
    pcId: enrolled.pc_id,
    nats: nats ?? enrolled.servers.join(','),
    ca: () => identity.ca,
    apis: () => ({ urls: identity.apis, ca: identity.ca }),
    credential: () => identity.authenticate(),
    onRefused: () => identity.renewEarly(),
    trust: options.trust ?? {
      keys: () => identity.commandKeys(),
      renewKeys: () => identity.renewKeys(ledgerId, options.signal),
      told: () => identity.told,
      ...(options.allowUnsigned === undefined ? {} : { allowUnsigned: options.allowUnsigned }),
    },
  };
}

/** Where the settings say that the broker is. */
function named({ nats, settings }: Whole): string | undefined {
  return settings?.current.nats ?? nats;
}

function inBackground(work: (signal: AbortSignal) => Promise<void>): AsyncDisposable {
  const end = new AbortController();
  const done = work(end.signal);
  return {
    async [Symbol.asyncDispose]() {
      end.abort();
      await done;
    },
  };
}

function unlessAborted(signal: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!signal.aborted) throw error;
  };
}
