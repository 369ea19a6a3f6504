import { isDeepStrictEqual } from 'node:util';
import { decode as decodeJwt } from '@nats-io/jwt';
import { KanadeError } from '#core/contract/errors.ts';
import { Turns } from '#core/files/turns.ts';
import type { Nats } from '#core/nats/connection.ts';
import { type Member, signersAfter } from '../joining/signers-after.ts';
import { ACCOUNTS, type Accounts, keepAccounts, type Said, saidIn, signedAccounts } from './accounts.ts';
import type { BrokerKeys } from './broker-keys.ts';
import type { Revocations } from './claims.ts';
import { type Identity, operatorKey } from './identity.ts';
import { PC_JWT_SECONDS } from './pc-jwt.ts';
import { askEveryServer } from './servers.ts';

export interface AccountKeeperParts {
  identity: Identity;
  /** In the system account. */
  system: Nats;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** Milliseconds, monotonic. */
  mono: () => number;
}

const UPDATE = '$SYS.REQ.CLAIMS.UPDATE';
const NOTHING = new Uint8Array();
/** Milliseconds a server has to answer. */
const WAIT = 3000;
/** Milliseconds after which a server that is away is taken for removed: until then nothing is said to be done without it. */
const FORGET_AFTER = 3_600_000;
/** Seconds. Whatever a revoked key was issued, also by a backend whose clock is ahead, is older than its revocation plus this. */
const AHEAD = 86_400;

/** A key that is to open nothing; `at` in milliseconds since 1970. */
export interface RevokedKey {
  publicKey: string;
  at: number;
}

/**
 * Sees to it that every server of the broker knows of each account what the operator says of it: which keys are revoked above all.
 * The servers keep it on their disks and tell each other. Only the backend with the operator's key changes it; the others tell
 * what that one has signed.
 */
export class AccountKeeper {
  readonly #parts: AccountKeeperParts;
  readonly #turns = new Turns();
  /** What the accounts say: asked for each PC that comes. */
  #said: Said;
  /** By JWT the servers that have taken it: names by id. A server that starts again has a new id. */
  #told = new Map<string, Map<string, string>>();
  /** The servers there are, by name, and when each was there last. */
  readonly #names = new Map<string, number>();

  constructor(parts: AccountKeeperParts) {
    this.#parts = parts;
    this.#said = saidIn(parts.identity.accounts);
  }

  /** Whether the broker has been told, or is to be told. */
  isRevoked(publicKey: string): boolean {
    return this.#said.revocations[publicKey] !== undefined;
  }

  /** Whether accounts are signed here. */
  get signs(): boolean {
    return this.#parts.identity.keys !== undefined;
  }

  /** Who may sign users of each account. */
  get signers(): Said['signers'] {
    return this.#said.signers;
  }

  /** Whether this server has taken all accounts as they are. */
  knows(serverId: string): boolean {
    return Object.values(this.#parts.identity.accounts).every((jwt) => this.#told.get(jwt)?.has(serverId));
  }

  /**
   * Has every server know the accounts as they are, and these keys open nothing any more: live connections are cut.
   * `revocation_pending` when not every server has confirmed it.
   */
  async tell(keys: Iterable<RevokedKey>): Promise<void> {
    await this.sign(keys, undefined);
    await this.#turns.run('accounts', () => this.#tellAll());
  }

  /** The first half of it, for whoever has the operator's key: revoked keys, and the other backends, undefined for as they are. */
  async sign(keys: Iterable<RevokedKey>, members: readonly Member[] | undefined): Promise<void> {
    const { keys: brokerKeys } = this.#parts.identity;
    if (brokerKeys !== undefined) await this.#turns.run('accounts', () => this.#sign(brokerKeys, keys, members));
  }

  /** What another backend has had signed: taken when it is the operator's word, and newer than what we have. Whether it was. */
  async accept(account: keyof Accounts, jwt: string): Promise<boolean> {
    return this.#turns.run('accounts', async () => {
      const { identity } = this.#parts;
      const [now, said] = [decodeJwt(identity.accounts[account]), decodeJwt(jwt)];
      if (jwt === identity.accounts[account] || said.iss !== operatorKey(identity) || said.sub !== now.sub || said.iat < now.iat)
        return false;
      await this.#become({ ...identity.accounts, [account]: jwt });
      return true;
    });
  }

  /** On disk before any server hears it: a broker that starts now starts with it. */
  async #sign(brokerKeys: BrokerKeys, keys: Iterable<RevokedKey>, members: readonly Member[] | undefined): Promise<void> {
    const { identity, clock } = this.#parts;
    const { signers, revocations } = this.#said;
    // All that a key was ever issued has run out by then.
    const oldest = Math.floor(clock() / 1000) - PC_JWT_SECONDS;
    const wanted: Revocations = Object.fromEntries(Object.entries(revocations).filter(([, until]) => until > oldest));
    for (const { publicKey, at } of keys) {
      const until = Math.floor(at / 1000) + AHEAD;
      if (until > oldest) wanted[publicKey] = Math.max(wanted[publicKey] ?? 0, until);
    }
    const own = { system: [], backends: [], pcs: [brokerKeys.pcsSigning.getPublicKey()] };
    const after = { signers: members === undefined ? signers : signersAfter(own, members), revocations: wanted };
    const before = { signers, revocations };
    if (isDeepStrictEqual(after, before)) return;
    const made = await signedAccounts(brokerKeys, after);
    const changed = (account: keyof Accounts) =>
      !isDeepStrictEqual(after.signers[account], signers[account]) || (account === 'pcs' && !isDeepStrictEqual(wanted, revocations));
    const entries = ACCOUNTS.map((account) => [account, changed(account) ? made[account] : identity.accounts[account]]);
    await this.#become(Object.fromEntries(entries) as Accounts);
  }

  async #become(accounts: Accounts): Promise<void> {
    const { identity } = this.#parts;
    await keepAccounts(identity.folder, accounts);
    identity.accounts = accounts;
    this.#said = saidIn(accounts);
  }

  async #tellAll(): Promise<void> {
    const { system, identity, mono } = this.#parts;
    const present = await askEveryServer(system, '$SYS.REQ.SERVER.PING', NOTHING, WAIT);
    // One that is alone is all there is: what was there before it was the same one, under a name of that start.
    if (present.some(({ clustered }) => !clustered)) this.#names.clear();
    for (const { name } of present) this.#names.set(name, mono());
    for (const [name, seen] of this.#names) if (mono() - seen > FORGET_AFTER) this.#names.delete(name);
    const told = new Map<string, Map<string, string>>();
    const missing = new Set<string>();
    for (const jwt of Object.values(identity.accounts)) {
      const known = this.#told.get(jwt);
      const took = known && present.every(({ id }) => known.has(id)) ? known : await this.#tellOne(jwt);
      told.set(jwt, took);
      const names = new Set(took.values());
      for (const name of this.#names.keys()) if (!names.has(name)) missing.add(name);
    }
    this.#told = told;
    if (missing.size === 0) return;
    const words = `${[...missing].join(', ')} of the broker's ${this.#names.size} servers did not confirm it`;
    throw new KanadeError('revocation_pending', `${words}: told as soon as it answers`);
  }

  /** The names of those that have taken it, by their ids. */
  async #tellOne(jwt: string): Promise<Map<string, string>> {
    const answers = await askEveryServer(this.#parts.system, UPDATE, new TextEncoder().encode(jwt), WAIT);
    const refused = answers.find(({ refusal }) => refusal !== undefined);
    if (refused) throw new KanadeError('broker_refuses', `${refused.name} does not take an account: ${refused.refusal}`);
    return new Map(answers.map(({ id, name }) => [id, name]));
  }
}
