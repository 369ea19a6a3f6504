import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { object } from 'superstruct';
import { keysDigest } from '#core/contract/enrolment.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { foldPcId, Id } from '#core/contract/ids.ts';
import type { BackendEntry } from '#core/contract/joining.ts';
import type { Log } from '#core/contract/log.ts';
import { lockFolder } from '#core/files/folder-lock.ts';
import { StateFile } from '#core/files/state-file.ts';
import { RELEASE_KEYS } from '#core/installation.ts';
import { BrokerClock } from '#core/nats/broker-clock.ts';
import { connectNats, type Nats } from '#core/nats/connection.ts';
import { Mirror } from '#core/nats/mirror.ts';
import { type Listen, speaksTls } from '#core/settings/listen.ts';
import { LOCAL_BROKER, type TlsSettings } from '#core/settings/settings.ts';
import { readCa } from '#core/tls/trust.ts';
import { Agents } from './agents/agents.ts';
import { Durables } from './agents/durables.ts';
import { currentEpoch } from './agents/exec-epoch.ts';
import { sayAgentEvent } from './agents/say-agent-event.ts';
import { provision } from './broker/provision.ts';
import { CLOSES_AFTER } from './closes-after.ts';
import { startEnrolment } from './enrolment/start-enrolment.ts';
import { toldServers } from './enrolment/told-servers.ts';
import type { ExecContext } from './exec/context.ts';
import { runDispatcher } from './exec/dispatch.ts';
import { runSeedFolder } from './exec/fold-seed-commands.ts';
import { ensureAdminToken, renewAdminToken } from './http/admin-token.ts';
import { routes } from './http/routes.ts';
import { listenHttp } from './http/server.ts';
import { Tokens } from './http/tokens.ts';
import { ownCredential } from './identity/claims.ts';
import { identityFor, OPEN_MODE } from './identity/identity.ts';
import { openIssuer } from './identity/open-issuer.ts';
import { Packages } from './install/packages.ts';
import { Catalogue } from './inventory/catalogue.ts';
import { DynamicGroups } from './inventory/dynamic-groups.ts';
import { keepGroups } from './inventory/keep-groups.ts';
import { Slices } from './inventory/slices.ts';
import { Admitted } from './joining/admitted.ts';
import { joinBackends } from './joining/join.ts';
import { JoinCodes } from './joining/join-codes.ts';
import { Members } from './joining/members.ts';
import { otherApis, togetherOnce, toldApi } from './joining/told-to-pcs.ts';
import { durableSuffix } from './lease/backend-id.ts';
import { holderDuties } from './lease/duties.ts';
import { runLease } from './lease/lease.ts';
import { startProjection } from './projectors/projection.ts';
import { commandOf } from './projectors/read/command.ts';
import { openReader } from './projectors/read/open-reader.ts';
import { Downloads } from './releases/downloads.ts';
import { FileStore } from './releases/file-store.ts';
import { Releases } from './releases/releases.ts';
import { sweepOwnFiles } from './releases/sweep.ts';
import { readNote } from './rollouts/rollout-note.ts';
import { Schedules } from './scheduler/schedules.ts';
import { beginKeys } from './seal/begin-keys.ts';
import { CommandKeys } from './seal/command-keys.ts';
import { followKeys } from './seal/follow-keys.ts';
import { Forgeries } from './seal/forgeries.ts';
import { commandKeyFile } from './seal/key-file.ts';
import { Certificates } from './tls/certificates.ts';
import { caFileFor, ownCaFile, ServerTls } from './tls/server-tls.ts';

export interface BackendOptions {
  /** Holds `backend/` and `admin.token`. */
  dataDir: string;
  listen: Listen;
  tls: TlsSettings;
  /** Undefined = where the data folder says that the broker is, or on this machine. */
  nats: string | undefined;
  /** Make an admin token in place of the one there is. */
  newAdminToken?: boolean;
  /** What PCs are told to connect to, where that is not `nats` under the public name. */
  brokerUrl: string | undefined;
  log: Log;
  signal: AbortSignal;
  /** Without identities. */
  open: boolean;
  reconnectDelay?: () => number;
  /** Whether what this backend says is signed, and nothing else believed; default: with identities. */
  sealed?: boolean;
  /** Sign by a new command key in place of those there are, and vouch for all that the broker holds. */
  newCommandKey?: boolean;
  /** The list of those whose releases are taken; default: the one that came with this version. */
  releaseKeysFile?: string | undefined;
  /** Join the backends there are, by this code, before anything else. */
  join?: { code: string; server: string } | undefined;
  /** Milliseconds after which two connections with one key are looked at; only tests have another. */
  keyLookAfter?: number;
  onReady?: (about: { url: string; backendId: string }) => void;
}

/** Milliseconds between two looks at the broker's clock. */
const ANCHOR_EVERY = 60_000;
/** Milliseconds by which the broker's clock may differ from this machine's where what is said is signed. */
const BROKER_OFF_AT_MOST = 600_000;

/**
 * One backend, put together here and nowhere else. Resolves after an orderly stop. Rejects with `folder_in_use`,
 * `port_in_use`, `broker_too_old`, and when the broker connection or the projection is dead beyond repair.
 */
export async function runBackend(options: BackendOptions): Promise<void> {
  const { dataDir, log, signal, open } = options;
  const own = join(dataDir, 'backend');
  await using _lock = await lockFolder(own);
  const identity = await StateFile.open(
    join(own, 'backend.json'),
    object({ backend_id: Id }),
    { backend_id: randomBytes(6).toString('hex') },
    log,
  );
  await identity.set(identity.value);
  const backendId = identity.value.backend_id;
  if (options.join !== undefined)
    await joinBackends({ ...options.join, dataDir, backendId, env: process.env, now: Date.now(), log, signal });
  const brokerIdentity = await identityFor({ open, dataDir });
  if (brokerIdentity === undefined) log.warn({ open }, OPEN_MODE);
  const told = brokerIdentity?.joined?.servers.join(',');
  const servers = options.nats ?? told ?? LOCAL_BROKER;

  const running = new AbortController();
  const until = AbortSignal.any([signal, running.signal]);
  const name = `kanade-backend ${backendId}`;
  const credential = brokerIdentity && (await ownCredential(brokerIdentity.signers.backends, name));
  const reconnectDelay = options.reconnectDelay ?? (() => 250 + Math.random() * 750);
  let waitingFor = 'there is no connection to the broker';
  const { listen, tls: settings } = options;
  using tls = speaksTls(settings.mode, listen) ? await ServerTls.open({ dataDir, settings, hosts: [listen.host], log }) : undefined;
  const brokerCa = () => readCa(caFileFor(dataDir, settings));
  const ca = () => tls?.ca ?? brokerCa();
  await using http = await listenHttp({
    listen,
    tls,
    dataDir: own,
    open,
    reason: () => waitingFor,
    log,
    signal: until,
  });
  const clock = new BrokerClock(Date.now, () => performance.now());
  const { sealed = !open, newCommandKey: replace = false } = options;
  const first = brokerIdentity?.joined?.first;
  const admitted = brokerIdentity?.keys && (await Admitted.open(brokerIdentity.folder));
  const keys = sealed ? await CommandKeys.open({ path: commandKeyFile(dataDir), backendId, clock: clock.now, replace, first }) : undefined;
  await using nats = await connectNats({
    servers,
    ca: brokerCa,
    name,
    ...(keys === undefined ? {} : { seal: keys }),
    signal: until,
    closesAfter: CLOSES_AFTER,
    random: Math.random,
    mono: () => performance.now(),
    wall: Date.now,
    log,
    reconnectDelay,
    ...(credential === undefined ? {} : { authenticator: () => credential, knownOrNever: true }),
  }).catch((error) => withAdvice(error, brokerIdentity?.joined !== undefined));
  waitingFor = 'the streams and the registry are being read';
  let { fraction } = await untilAnswered(() => provision(nats, { signal: until, log }), { log, signal: until });
  const provisionAgain = async () => {
    const done = await provision(nats, { signal: until, log, fraction });
    fraction = done.fraction;
    return done.created;
  };
  const tokens = new Tokens({ nats, log });
  const dynamicGroups = new DynamicGroups();
  const agents = new Agents({
    nats,
    clock: clock.now,
    mono: () => performance.now(),
    log,
    dynamic: dynamicGroups,
    ...(keys === undefined ? {} : { keys: () => keysDigest(keys.trusted()) }),
  });
  await anchor(nats, clock, agents);
  const anchoring = setInterval(
    () => void anchor(nats, clock, agents).catch((error) => log.warn({ error: messageOf(error) }, 'the broker did not say the time')),
    ANCHOR_EVERY,
  );
  using _anchoring = { [Symbol.dispose]: () => clearInterval(anchoring) };
  // Before anything is read of the broker.
  if (keys !== undefined)
    await beginKeys(
      { nats, keys, clock: clock.now, newId: randomUUID, log, replace, isAdmitted: admitted && ((id) => admitted.isIn(id)) },
      until,
    );
  const forgeries =
    keys &&
    new Forgeries({
      say: (forgery) => sayAgentEvent(nats, clock.now, foldPcId(`backend_${backendId}`), 'forged', forgery),
      isKnown: (id) => keys.isKnown(id),
      mono: () => performance.now(),
    });
  if (keys !== undefined) keys.onFault = forgeries?.met;
  const members = brokerIdentity && keys && new Members({ nats, keys, backendId, admitted, clock: clock.now, log });
  await members?.start(until);
  const issuing =
    brokerIdentity &&
    (await openIssuer({
      identity: brokerIdentity,
      nats,
      members,
      servers,
      ca: brokerCa,
      name,
      clock: clock.now,
      wall: Date.now,
      mono: () => performance.now(),
      random: Math.random,
      log,
      reconnectDelay,
      signal: until,
    }));
  await using _system = issuing?.system;
  const tokenParts = { nats, dataDir, clock: clock.now, newId: randomUUID, log };
  await (options.newAdminToken ? renewAdminToken(tokenParts) : ensureAdminToken(tokenParts));
  const schedules = new Schedules();
  const rollouts = new Mirror(readNote);
  const releases = new Releases({ nats, log });
  const packages = new Packages({ nats, log });
  const releaseFiles = new FileStore({ nats, folder: join(own, 'releases'), signal: until });
  await Promise.all([
    tokens.start(until),
    agents.start(until),
    dynamicGroups.start(nats, { log, signal: until }),
    schedules.start(nats, { log, signal: until }),
    rollouts.start(nats, 'rollouts', { log, signal: until }),
    releases.start(until),
    packages.start(until),
  ]);
  const codes = members && new JoinCodes({ nats, clock: clock.now, log });
  await codes?.start(until);
  const api = toldApi(http.url, listen, settings.publicNames, hostname());
  const others = () => members?.others() ?? [];
  const toldCa = () => {
    // What every machine trusts cannot be told together with what only ours do.
    if (tls !== undefined && tls.ca === undefined) return undefined;
    return togetherOnce([ca(), brokerCa(), ...others().map((entry) => entry.ca)]);
  };
  const enrolment =
    issuing &&
    keys &&
    (await startEnrolment(
      {
        nats,
        keys,
        clock: clock.now,
        log,
        ca: toldCa,
        identity: {
          issuer: issuing.issuer,
          servers: toldServers(
            { brokerUrl: options.brokerUrl ?? (options.nats === undefined ? told : undefined), nats: servers },
            settings.publicNames,
          ),
          otherApis: () => otherApis(others(), api),
          commandKeys: () => keys.trusted(),
        },
      },
      until,
    ));

  const databasePath = join(own, 'projection.db');
  await using projection = await startProjection({
    databasePath,
    nats: servers,
    caFile: caFileFor(dataDir, settings),
    credential,
    durableSuffix: await durableSuffix(nats, backendId),
    signal: until,
    log,
    ...(keys === undefined ? {} : { beliefs: keys }),
  });
  const db = openReader(databasePath);
  const groupsDb = openReader(databasePath);
  const ctx: ExecContext = { nats, agents, db, clock: clock.now, newId: randomUUID, log };
  const durables = new Durables(nats, agents, () => agents.epoch);
  const slices = new Slices(() => performance.now());
  const catalogue = new Catalogue({ db, slices, enrolled: () => agents.enrolled(), mono: () => performance.now() });
  projection.onCommit(({ sections }) => sections.length > 0 && catalogue.touch(new Set(sections.map(({ section }) => section))));
  agents.onEntry(() => catalogue.touch(), until);
  const isOurs = (execId: string, bytes: Uint8Array) => commandOf(db, execId)?.command === new TextDecoder().decode(bytes);
  const commandKeys = keys && { nats, keys, clock: clock.now, newId: randomUUID, log, isOurs, isToken: tokens.knows.bind(tokens) };
  const certificates = new Certificates({
    api: () => tls?.expiresAt,
    servers: servers.split(','),
    brokerCa,
    caFile: () => ownCaFile(dataDir, settings),
    wall: Date.now,
    log,
  });
  const joining = issuing &&
    codes &&
    members &&
    commandKeys && {
      codes,
      members,
      issuer: issuing.issuer,
      keys: commandKeys,
      operator: brokerIdentity.operator,
      backendId,
      first,
      admitted,
    };
  http.serve(routes, {
    ...ctx,
    joining,
    schedules,
    rollouts,
    releases,
    packages,
    releaseFiles,
    downloads: new Downloads(() => performance.now()),
    releaseKeysFile: options.releaseKeysFile ?? RELEASE_KEYS,
    durables,
    slices,
    catalogue,
    dynamicGroups,
    projection,
    enrolment,
    tokens,
    dataDir: own,
    ca,
    certificates,
    shownCa: () => (tls === undefined ? brokerCa() : tls.shownCa),
    open,
    commandKeys,
    forgeries,
  });
  const { keyLookAfter: lookAfter } = options;
  const watched = issuing && {
    system: issuing.system,
    account: brokerIdentity.signers.pcs.account,
    ...(lookAfter === undefined ? {} : { lookAfter }),
  };
  const duties = (holding: AbortSignal) =>
    holderDuties(
      {
        ...ctx,
        keys: watched,
        joining,
        schedules,
        rollouts,
        releases,
        packages,
        backendId,
        durables,
        projection,
        enrolment,
        provision: provisionAgain,
      },
      holding,
    );
  const loops = [
    agents.callRoll(until),
    keepGroups({ nats, agents, dynamicGroups, projection, db: groupsDb, slices, mono: () => performance.now(), log }, until),
    runDispatcher(ctx, until),
    runSeedFolder(ctx, until),
    certificates.run(until),
    sweepOwnFiles({ releases, packages, releaseFiles, log }, until),
    ...(forgeries === undefined ? [] : [forgeries.run(until)]),
    ...(issuing === undefined ? [] : [issuing.issuer.run(until)]),
    ...(commandKeys === undefined ? [] : [followKeys(commandKeys, until)]),
    ...(joining === undefined ? [] : [joining.members.announce(() => aboutUs(joining.issuer.signs, api, tls?.ca), until)]),
    runLease({ nats, backendId, mono: () => performance.now(), log, duties }, until),
  ];
  log.info({ url: http.url, backend_id: backendId }, 'the API is up');
  options.onReady?.({ url: http.url, backendId });

  const stopped = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const died = await Promise.race([stopped, nats.dead, projection.failed.then(messageOf)]);
  running.abort();
  await Promise.all([...loops, http[Symbol.asyncDispose]()]);
  db.close();
  groupsDb.close();
  if (died !== undefined) throw new Error(died);
}

/** Milliseconds between two questions to a broker that does not answer. */
const ASK_AGAIN = 500;

/** A cluster that has just come up, or that elects a leader anew, answers nothing for a while: no reason to end. */
async function untilAnswered<T>(ask: () => Promise<T>, { log, signal }: Pick<BackendOptions, 'log' | 'signal'>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof KanadeError) || error.code !== 'broker_unavailable') throw error;
      log.warn({ error: error.message }, 'the broker does not answer yet');
      await sleep(ASK_AGAIN, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

/** What EXEC says of the time, and which stream it is now: any backend may send a sync. */
async function anchor(nats: Nats, clock: BrokerClock, agents: Agents): Promise<void> {
  const { ts, epoch } = await currentEpoch(nats);
  agents.epoch = epoch;
  const said = Date.parse(ts);
  // What we sign says what time it is, and PCs go by that: a broker that is far off, or lies, does not set it.
  if (nats.seal !== undefined && Math.abs(said - Date.now()) > BROKER_OFF_AT_MOST) clock.anchor(Date.now());
  else clock.anchor(said);
}

/** What the other backends are told of this one. */
function aboutUs(operator: boolean, api: string, ca: string | undefined): Pick<BackendEntry, 'operator' | 'api' | 'ca'> {
  return { operator, api, ...(ca === undefined ? {} : { ca }) };
}

/** What to do about a broker that is none of ours. */
function withAdvice(error: unknown, joined: boolean): never {
  if (!(error instanceof KanadeError) || (error.code !== 'broker_refuses' && error.code !== 'broker_open')) throw error;
  const advice =
    joined && error.code === 'broker_refuses'
      ? 'this backend has joined others, and was put out since (GET /api/v1/backends there), or their broker was made anew: it may join again with another --data-dir'
      : 'its servers have to be configured with what --write-broker-config writes down for this data folder';
  throw new KanadeError(error.code, `${error.message}; ${advice}`, { cause: error });
}
