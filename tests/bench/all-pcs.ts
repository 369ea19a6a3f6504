import { setTimeout as sleep } from 'node:timers/promises';
import { type Figures, median, seconds } from './figures.ts';
import { Fleet, GROUP } from './fleet.ts';
import { type FloorTimes, measureFloor } from './floor.ts';
import { measureLists } from './lists.ts';

export interface AllPcsOptions {
  repeats: number;
  /** Milliseconds of rest, so that the drains of the replay durables (after each sync) are over. */
  settle: number;
  lists: boolean;
}

/** Everything that is measured with `count` simulated PCs, and the floor for as many right before it. */
export async function measureAllPcs(figures: Figures, count: number, { repeats, settle, lists }: AllPcsOptions): Promise<void> {
  const floor = await measureFloor(count, repeats);
  await using fleet = await Fleet.start(count, (what, time) => figures.add(`${count} new PCs, all at once: ${what}`, seconds(time)));
  const started = { all: [] as number[], group: [] as number[] };
  const done = { all: [] as number[], group: [] as number[] };
  for (let n = 0; n < repeats; n++) {
    for (const how of ['group', 'all'] as const) {
      const times = await fleet.run(how === 'all' ? { all: true } : { groups: [GROUP] });
      started[how].push(times.started);
      done[how].push(times.done);
      await sleep(1000);
    }
  }
  for (const how of ['all', 'group'] as const) {
    const name = `${count} PCs, ${how === 'all' ? 'to all' : 'as a group'}`;
    figures.add(`${name}: submit to all started in SQLite`, list(started[how]));
    addRatio(figures, `${name}: submit to every event and result in SQLite`, done[how], floor[how], count >= 3000);
  }
  if (lists) {
    const { items } = await fleet.kanade.backend.get('/executions?limit=1');
    await measureLists(figures, fleet.kanade.backend, count, items[0].exec_id);
  }
  await sleep(settle);
  await fleet.kanade.broker.restart();
  const back = performance.now();
  await fleet.talking(back);
  const talking = performance.now() - back;
  const about = `${count} PCs: all talking again after the broker was killed and is back`;
  if (count <= 3000) figures.add(about, seconds(talking), '< 30 s', talking < 30_000);
  else figures.add(about, seconds(talking));
  await fleet.ready(back);
  figures.add(`${count} PCs: all have read their new durable after that`, seconds(performance.now() - back));
}

function addRatio(figures: Figures, what: string, ours: number[], floor: FloorTimes['all'], goal: boolean): void {
  const ratio = median(ours) / median(floor);
  const measured = `${list(ours)}; floor ${list(floor)}; ratio of the medians ${ratio.toFixed(2)}`;
  if (goal) figures.add(what, measured, '<= 1.5 x the floor', ratio <= 1.5);
  else figures.add(what, measured);
}

function list(times: readonly number[]): string {
  return times.map(seconds).join(', ');
}
