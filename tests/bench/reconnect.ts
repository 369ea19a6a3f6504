import { setTimeout as sleep } from 'node:timers/promises';
import { type Figures, seconds } from './figures.ts';
import { Fleet } from './fleet.ts';

/** A fleet with identities, by TLS: all sign in anew at a broker that was killed, each with its JWT and a handshake. */
export async function measureReconnect(figures: Figures, count: number, settle: number): Promise<void> {
  const about = `${count} PCs with identities, by TLS`;
  await using fleet = await Fleet.start(count, (what, time) => figures.add(`${about}, new, all at once: ${what}`, seconds(time)), {
    secure: true,
  });
  const { started, done } = await fleet.run({ all: true });
  figures.add(
    `${about}: a signed command to all, until all have started; until every event and result is in SQLite`,
    `${seconds(started)}; ${seconds(done)}`,
  );
  await sleep(settle);
  await fleet.kanade.broker.restart();
  const back = performance.now();
  await fleet.talking(back);
  const talking = performance.now() - back;
  figures.add(`${about}: all talking again after the broker was killed and is back`, seconds(talking), '< 30 s', talking < 30_000);
  await fleet.ready(back);
  figures.add(`${about}: all have read their new durable after that`, seconds(performance.now() - back));
}
