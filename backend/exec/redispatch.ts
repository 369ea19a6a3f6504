import { commandOf } from '../projectors/read/command.ts';
import { openExecutionIds } from '../projectors/read/executions.ts';
import { pcsInStates } from '../projectors/read/targets.ts';
import type { ExecContext } from './context.ts';
import { sendCommand } from './send-command.ts';

/**
 * Sends every command that some PC has still to begin once more, as when the stream that held them is gone. What is
 * stored already stays as it is. Rejects when EXEC is full, having sent some of it.
 */
export async function redispatch(ctx: Pick<ExecContext, 'nats' | 'db' | 'clock'>): Promise<{ executions: number; commands: number }> {
  const sent = { executions: 0, commands: 0 };
  const now = ctx.clock();
  for (const execId of openExecutionIds(ctx.db, now)) {
    const pcs = pcsInStates(ctx.db, execId, ['queued'], now);
    const said = commandOf(ctx.db, execId);
    if (pcs.length === 0 || said === undefined) continue;
    const bytes = new TextEncoder().encode(said.command);
    const commands = await sendCommand(ctx.nats, { execId, bytes, broadcast: said.broadcast, pcs, again: true });
    if (commands > 0) sent.executions++;
    sent.commands += commands;
  }
  return sent;
}
