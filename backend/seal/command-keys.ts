import type { CommandKeyEntry, KeyState } from '#core/contract/command-key.ts';
import type { TrustedKeyEntry } from '#core/contract/enrolment.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { type HeaderOf, keyIdOf, SealingKey, type TrustedKey } from '#core/contract/seal.ts';
import { countsUntil, isSealFault, type SealedKind, sealedKind, sealedSubject } from '#core/contract/sealed.ts';
import { EXPIRES_MAX } from '#core/contract/streams.ts';
import { instant } from '#core/contract/time.ts';
import { Turns } from '#core/files/turns.ts';
import type { Seal, SealedMessage } from '#core/nats/seal.ts';
import type { Protection } from '../identity/protection.ts';
import { type Beliefs, Believes } from './believes.ts';
import { type KeyFileContent, type OwnKey, readKeyFile, writeKeyFile } from './key-file.ts';
import { CLOCKS_DIFFER, isGoing, isRetired, sealingOf, stateOf } from './key-state.ts';

export interface CommandKeysOptions {
  /** `<data>/identity/command-keys.json`. */
  path: string;
  backendId: string;
  /** Milliseconds since 1970, the broker's clock. */
  clock: () => number;
  /** A new key in place of those there are: they were lost, or somebody else has them. */
  replace?: boolean;
  /** How the keys lie in their file. */
  protection?: Protection;
  /** The backend that made the installation: whose word brings further ones in. Undefined where that is this one, or there are no others. */
  first?: string | undefined;
}

export interface CommandKeyView {
  id: string;
  entry: CommandKeyEntry;
  state: KeyState;
  /** Whether this backend has the private half. */
  own: boolean;
}

interface Own {
  entry: CommandKeyEntry;
  key: SealingKey;
}

interface Change {
  own?: readonly Own[];
  trusted?: readonly CommandKeyEntry[];
  adopted?: boolean;
  saidAgain?: ReadonlySet<string>;
}

/** Milliseconds for which an agent is still told of a key that was retired: as long as what it has sealed may come. */
const TOLD_FOR = EXPIRES_MAX * 1000;

/** Retired then, nothing has ever counted. */
const NEVER = instant(0);

/**
 * The keys by which this backend says what it says, and all it believes. Own keys go next -> active -> retiring ->
 * retired, by the clock and nothing else; retired is for good. What is on disk counts before what the broker says.
 */
export class CommandKeys implements Seal {
  /** There was no file: `begin` finds out whether that is a first start. */
  readonly isNew: boolean;
  readonly backendId: string;
  /** Ids of the keys that were retired before this start: nobody should have said anything by them since. */
  readonly retiredBefore: ReadonlySet<string>;
  readonly #path: string;
  readonly #protection: Protection | undefined;
  readonly #first: string | undefined;
  readonly #clock: () => number;
  readonly #believes: Believes;
  readonly #turns = new Turns();
  #own: readonly Own[];
  #trusted: readonly CommandKeyEntry[];
  #adoptedDigests: readonly string[] = [];
  #adopted: boolean;
  #saidAgain: ReadonlySet<string>;
  /** Hears of what is not to be believed, each time that somebody was about to obey it. */
  onFault: ((message: SealedMessage, fault: KanadeError) => void) | undefined;

  private constructor(
    { path, backendId, clock, replace = false, protection, first }: CommandKeysOptions,
    file: KeyFileContent | undefined,
  ) {
    this.isNew = file === undefined;
    this.backendId = backendId;
    this.#path = path;
    this.#protection = protection;
    this.#first = first;
    this.#clock = clock;
    const own = (file?.own ?? []).map((kept) => ownOf(kept, backendId));
    const trusted = file?.trusted ?? [];
    const retired = [...own.map(({ entry }) => entry), ...trusted].filter((entry) => isRetired(entry, clock()));
    this.retiredBefore = new Set(retired.map((entry) => keyIdOf(entry.public_key)));
    // The broker has not said yet what time it is: whatever it says, the new key seals at once and those it replaces do not.
    const from = instant(clock() - CLOCKS_DIFFER);
    // They may be in other hands: from now on they are history.
    this.#own =
      replace || own.length === 0 ? [...own.map((one) => withRetired(one, from)), newKey(backendId, instant(clock()), from)] : own;
    this.#trusted = trusted;
    this.#adopted = replace ? false : (file?.adopted ?? false);
    this.#saidAgain = new Set(file?.said_again);
    this.#believes = new Believes(this.beliefs(), clock);
  }

  /** Nothing is written before `save`. `command_key_lost` when the file cannot be read, and no new key is asked for. */
  static async open(options: CommandKeysOptions): Promise<CommandKeys> {
    try {
      return new CommandKeys(options, await readKeyFile(options.path, options.protection));
    } catch (error) {
      if (!options.replace) throw error;
      return new CommandKeys(options, undefined);
    }
  }

  /** Whether what the broker held before there was a key has been sealed. */
  get adopted(): boolean {
    return this.#adopted;
  }

  get changed() {
    return this.#believes.changed;
  }

  sign(subject: string, bytes: Uint8Array, operation: string | undefined): Record<string, string> | undefined {
    const kind = sealedKind(subject);
    if (kind === undefined) return undefined;
    const now = this.#clock();
    return this.#sealing(now).key.seal(sealedSubject(subject, operation), bytes, countsUntil(kind, bytes, now));
  }

  check(message: SealedMessage, kind: SealedKind): void {
    try {
      this.#believes.check(message, kind);
    } catch (error) {
      if (isSealFault(error)) this.onFault?.(message, error);
      throw error;
    }
  }

  /** The same without anybody hearing of it: whoever asks is not about to obey. */
  believes(message: SealedMessage, kind: SealedKind): boolean {
    try {
      this.#believes.check(message, kind);
      return true;
    } catch (error) {
      if (isSealFault(error)) return false;
      throw error;
    }
  }

  /** Of what is no message: `about` says what it is, and is no subject. `until`: RFC 3339. */
  signApart(about: string, bytes: Uint8Array, until: string): Record<string, string> {
    return this.#sealing(this.#clock()).key.seal(about, bytes, until);
  }

  checkApart(about: string, bytes: Uint8Array, header: HeaderOf, atMost: number): void {
    this.#believes.checkApart(about, bytes, header, atMost);
  }

  beliefs(): Beliefs {
    const keys = this.#entries().map(
      ({ public_key: publicKey, retired_at }): TrustedKey =>
        retired_at === undefined ? { publicKey } : { publicKey, retiredAt: Date.parse(retired_at) },
    );
    return { keys, adopted: this.#adoptedDigests };
  }

  isKnown(id: string): boolean {
    return this.#entries().some((entry) => keyIdOf(entry.public_key) === id);
  }

  /** What a PC is told: whose seals it obeys. */
  trusted(): TrustedKeyEntry[] {
    const since = this.#clock() - TOLD_FOR;
    return this.#entries()
      .filter((entry) => !isRetired(entry, since))
      .map(({ public_key, retired_at }) => ({ public_key, ...(retired_at === undefined ? {} : { retired_at }) }));
  }

  list(): CommandKeyView[] {
    const now = this.#clock();
    const entries = this.#entries();
    return entries.map((entry) => ({
      id: keyIdOf(entry.public_key),
      entry,
      state: stateOf(entry, ofOneBackend(entries, entry), now),
      own: this.#own.some((own) => own.entry === entry),
    }));
  }

  /** The key that seals now. */
  get sealingId(): string {
    return this.#sealing(this.#clock()).key.id;
  }

  /** The entries of the own keys and of those of others, and by which key others may be told of them: the one they have known for longest. */
  entries(): { own: readonly CommandKeyEntry[]; others: readonly CommandKeyEntry[]; by: SealingKey } {
    const now = this.#clock();
    const known = this.#own.find(({ entry }) => !isRetired(entry, now)) ?? this.#sealing(now);
    return { own: this.#ownTimes(), others: this.#trusted, by: known.key };
  }

  /** Ids of the keys whose words are to be said again, by a key that stays, while they count. */
  going(): Set<string> {
    const now = this.#clock();
    const going = this.#entries().filter((entry) => isGoing(entry, now));
    const { sealingId } = this;
    return new Set(going.map((entry) => keyIdOf(entry.public_key)).filter((id) => id !== sealingId && !this.#saidAgain.has(id)));
  }

  wasSaidAgain(id: string): boolean {
    return this.#saidAgain.has(id);
  }

  /** What these had said is said again: of those that nobody seals with any more nothing else ever will be. */
  async noteSaidAgain(ids: ReadonlySet<string>): Promise<void> {
    const over = this.list().flatMap(({ id, state }) => (ids.has(id) && state === 'retiring' ? [id] : []));
    await this.#become(() => ({ saidAgain: new Set([...this.#saidAgain, ...over]) }));
  }

  /** Makes a further key, which seals from `activeFrom` on; those before it count until `overlap` milliseconds later. */
  async rotate({ activeFrom, overlap }: { activeFrom: number; overlap: number }): Promise<CommandKeyView> {
    const now = this.#clock();
    const made = newKey(this.backendId, instant(now), instant(activeFrom));
    const until = instant(activeFrom + overlap);
    await this.#become(() => {
      const waiting = this.#own.find(({ entry }) => stateOf(entry, this.#ownTimes(), now) === 'next');
      if (waiting)
        throw new KanadeError('command_key_state', `key ${waiting.key.id} was made already: it signs from ${waiting.entry.active_from} on`);
      return { own: [...this.#own.map((one) => withRetired(one, until)), made] };
    });
    return this.list().find(({ id }) => id === made.key.id)!;
  }

  /** From `at` on nothing counts that this key has sealed, and never will again. `not_found`, `command_key_state`. */
  async retire(id: string, at: number): Promise<void> {
    const until = instant(at);
    await this.#become(() => {
      this.mayRetire(id);
      return {
        own: this.#own.map((one) => (one.key.id === id ? withRetired(one, until) : one)),
        trusted: this.#trusted.map((entry) => (keyIdOf(entry.public_key) === id ? retiredEntry(entry, until) : entry)),
      };
    });
  }

  mayRetire(id: string): void {
    const found = this.list().find((key) => key.id === id);
    if (found === undefined) throw new KanadeError('not_found', `there is no command key ${id}`);
    if (found.own && id === this.sealingId) {
      throw new KanadeError('command_key_state', `key ${id} is the one that signs: make another one first`);
    }
  }

  /** Whether the holder of the key with this id may tell of that one: of his own backend's, and of any if it is the first's. */
  mayTell(said: CommandKeyEntry, by: string): boolean {
    const voucher = this.#entries().find((entry) => keyIdOf(entry.public_key) === by)?.backend_id;
    const ours = said.backend_id === this.backendId;
    return voucher !== undefined && !ours && (voucher === said.backend_id || voucher === this.#first);
  }

  isOwn(id: string): boolean {
    return this.#own.some(({ key }) => key.id === id);
  }

  /** Whether it is by this backend's word that others come in. */
  get isFirst(): boolean {
    return this.#first === undefined;
  }

  /** What is said of a key by somebody who may. True when that is news. */
  learn(said: CommandKeyEntry): Promise<boolean> {
    return this.#become(() => {
      const own = this.#own.find(({ entry }) => entry.public_key === said.public_key);
      if (own !== undefined) {
        const next = said.retired_at === undefined ? own : withRetired(own, said.retired_at);
        return next === own ? undefined : { own: this.#own.map((one) => (one === own ? next : one)) };
      }
      const known = this.#trusted.find((entry) => entry.public_key === said.public_key);
      const next = known === undefined ? said : said.retired_at === undefined ? known : retiredEntry(known, said.retired_at);
      return next === known ? undefined : { trusted: [...this.#trusted.filter((entry) => entry !== known), next] };
    });
  }

  /** Keys that are said to be ours, or that we have vouched for, and it is not so: they never count, nor what they have signed. */
  async disown(entries: readonly CommandKeyEntry[]): Promise<void> {
    for (const entry of entries) await this.learn({ ...entry, retired_at: NEVER });
  }

  /** These messages on EXECUTIONS count although nobody has sealed them. */
  adopt(digests: readonly string[]): void {
    const all = new Set([...this.#adoptedDigests, ...digests]);
    // Whoever follows what is believed reads anew: not for what was known already.
    if (all.size === this.#adoptedDigests.length) return;
    this.#adoptedDigests = [...all];
    this.#believes.believe(this.beliefs());
  }

  /** Whether all of these are such messages. */
  hasAdopted(digests: readonly string[]): boolean {
    const all = new Set(this.#adoptedDigests);
    return digests.every((digest) => all.has(digest));
  }

  async save(change: { adopted?: boolean } = {}): Promise<void> {
    await this.#become(() => change);
  }

  /** On disk before it counts, and one after another. Undefined changes nothing; whether something was changed. */
  #become(change: () => Change | undefined): Promise<boolean> {
    return this.#turns.run('', async () => {
      const what = change();
      if (what === undefined) return false;
      const { own = this.#own, trusted = this.#trusted, adopted = this.#adopted, saidAgain = this.#saidAgain } = what;
      const kept = { own: own.map(keptOf), trusted: [...trusted], adopted, said_again: [...saidAgain] };
      await writeKeyFile(this.#path, kept, this.#protection);
      this.#own = own;
      this.#trusted = trusted;
      this.#adopted = adopted;
      this.#saidAgain = saidAgain;
      this.#believes.believe(this.beliefs());
      return true;
    });
  }

  #sealing(now: number): Own {
    const best = sealingOf(this.#ownTimes(), now);
    const own = this.#own.find(({ entry }) => entry === best);
    if (own === undefined)
      throw new KanadeError('command_key_lost', 'this backend has no command key that counts: start once with --new-command-key');
    return own;
  }

  #ownTimes(): CommandKeyEntry[] {
    return this.#own.map(({ entry }) => entry);
  }

  #entries(): CommandKeyEntry[] {
    return [...this.#ownTimes(), ...this.#trusted];
  }
}

function newKey(backendId: string, createdAt: string, activeFrom: string): Own {
  const key = SealingKey.generate();
  return { key, entry: { public_key: key.publicKey, backend_id: backendId, created_at: createdAt, active_from: activeFrom } };
}

function ownOf({ private_key, ...times }: OwnKey, backendId: string): Own {
  const key = SealingKey.fromPem(private_key);
  return { key, entry: { public_key: key.publicKey, backend_id: backendId, ...times } };
}

function keptOf({ key, entry: { public_key: _, backend_id: __, ...times } }: Own): OwnKey {
  return { private_key: key.toPem(), ...times };
}

function withRetired(own: Own, at: string): Own {
  const entry = retiredEntry(own.entry, at);
  return entry === own.entry ? own : { ...own, entry };
}

/** The earlier of what is known and what is said: nobody brings a key back. */
function retiredEntry(entry: CommandKeyEntry, at: string): CommandKeyEntry {
  const known = entry.retired_at;
  return known !== undefined && Date.parse(known) <= Date.parse(at) ? entry : { ...entry, retired_at: at };
}

function ofOneBackend(entries: readonly CommandKeyEntry[], { backend_id: id }: CommandKeyEntry): CommandKeyEntry[] {
  return entries.filter((entry) => entry.backend_id === id);
}
