import { InventoryReply, type InventoryRequest } from '#core/contract/control.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { SECTIONS, type Section } from '#core/contract/inventory.ts';
import type { Nats } from '#core/nats/connection.ts';
import { askAgent } from '../agents/ask-agent.ts';
import type { Projection } from '../projectors/projection.ts';
import { hashesOf, type SectionAbout, sectionOf } from '../projectors/read/inventory.ts';
import type { Database } from '../projectors/read/open-reader.ts';

/**
 * Milliseconds in which a PC is to answer, by what it has collected then: it reads section after section, each for up to 90 s, and several may
 * hang. One that is too old to know of that limit may take a little longer.
 */
export const WITHIN = 120_000;
export const COLLECTING = 150_000;
/** From the PC's outbox into this backend's projection. */
const PROJECTING = 20_000;

export interface RefreshContext {
  nats: Nats;
  db: Database;
  projection: Pick<Projection, 'onCommit'>;
}

/**
 * Has a PC collect these sections, or all, and resolves when what has changed can be read here; `pending` is what the PC still reads, and
 * will say when it can. `agent_unreachable` when it does
 * not answer, `inventory_failed` when it cannot collect anything at all, `not_ready` when what it sent does not arrive.
 */
export async function refresh(
  ctx: RefreshContext,
  pc: string,
  wanted: readonly Section[] | undefined,
  signal: AbortSignal,
): Promise<{ sections: { section: string; changed: boolean }[]; pending: string[] }> {
  const known = hashesOf(ctx.db, pc);
  const request: InventoryRequest = { ...(wanted && { sections: [...wanted] }), known, within_ms: WITHIN };
  const { sections: said, pending = [], problem } = await askAgent(ctx.nats, pc, 'inventory', request, InventoryReply, COLLECTING);
  if (problem !== undefined) throw new KanadeError('inventory_failed', `${pc}: ${problem}`);
  // Nobody waits for what nobody asked for. What a newer agent calls otherwise is projected all the same.
  const asked: readonly string[] = wanted ?? SECTIONS;
  const sections = said.filter(({ section }) => asked.includes(section));
  await projected(
    ctx,
    pc,
    sections.filter(({ changed }) => changed),
    signal,
  );
  return {
    sections: sections.map(({ section, changed }) => ({ section, changed })),
    pending: asked.filter((section) => pending.includes(section)),
  };
}

/** That message, or a newer one of the section, which the PC may have sent while this was waited for. */
function isHere(known: SectionAbout | undefined, { hash, collected_at }: InventoryReply['sections'][number]): boolean {
  if (known === undefined) return false;
  return known.hash === hash || (collected_at !== undefined && Date.parse(known.checked_at) >= Date.parse(collected_at));
}

async function projected(
  { db, projection }: RefreshContext,
  pc: string,
  changed: InventoryReply['sections'],
  signal: AbortSignal,
): Promise<void> {
  if (changed.length === 0) return;
  const missing = new Map(changed.map((one) => [one.section as string, one]));
  const done = Promise.withResolvers<void>();
  /** What has arrived once is not looked for again, whatever comes behind it. */
  const look = (section: string) => {
    const one = missing.get(section);
    if (one !== undefined && isHere(sectionOf(db, pc, section), one)) missing.delete(section);
    if (missing.size === 0) done.resolve();
  };
  const forget = projection.onCommit(({ stream, sections }) => {
    if (stream === 'INVENTORY') for (const about of sections) if (about.pc === pc) look(about.section);
  });
  const late = () => {
    const names = [...missing.keys()].join(', ');
    done.reject(new KanadeError('not_ready', `${pc} has collected, and ${names} has not arrived yet`));
  };
  const timer = setTimeout(late, PROJECTING);
  signal.addEventListener('abort', late, { once: true });
  try {
    for (const section of [...missing.keys()]) look(section);
    await done.promise;
  } finally {
    forget();
    clearTimeout(timer);
    signal.removeEventListener('abort', late);
  }
}
