import { isService } from './service.ts';

/**
 * Every id that Kanade writes to the Event Log of Windows, source Kanade: what people watch for, so an id never changes its
 * meaning. Those without words are kanade-host's own (installer/host/log.h); the others it writes for the agent.
 * docs/windows-host.md has the same table.
 */
export const EVENT_LOG = {
  started: { id: 1000, level: 'info' },
  stopped: { id: 1001, level: 'info' },
  crashed: { id: 1002, level: 'warning' },
  hung: { id: 1003, level: 'warning' },
  cannot_start: { id: 1004, level: 'error' },
  trial: { id: 1010, level: 'info' },
  proven: { id: 1011, level: 'info' },
  rolled_back: { id: 1012, level: 'error' },
  data_untrusted: { id: 1018, level: 'error' },
  host_problem: { id: 1019, level: 'error' },
  script_started: { id: 1020, level: 'info', words: 'a script starts' },
  script_ended: { id: 1021, level: 'info', words: 'a script has ended' },
  update_started: { id: 1022, level: 'info', words: 'an update begins' },
  update_ended: { id: 1023, level: 'info', words: 'an update has ended' },
  refused: { id: 1030, level: 'warning', words: 'a message was refused' },
} as const;

type Table = typeof EVENT_LOG;
/** What the agent has to say. */
export type AgentEventName = { [Name in keyof Table]: Table[Name] extends { words: string } ? Name : never }[keyof Table];

/** By name; what is undefined is left out. They come from elsewhere. No secret may be among them. */
export type EventFacts = Record<string, string | number | undefined>;

/** Writes an event down on this PC. */
export type EventWriter = (name: AgentEventName, facts: EventFacts) => void;

/** To the Event Log where kanade-host is there to write it, else nowhere. */
export const writeEvent: EventWriter = (name, facts) => {
  if (isService(process.argv)) process.stdout.write(`${eventLine(name, facts)}\n`);
};

/** Characters of one fact; an event has a handful of them. */
const FACT_MAX = 256;
/** As they stand, without being mistaken for anything else in the line. */
const UNQUOTED = /^[\w.:@/-]+$/;

/** The line by which kanade-host is told. Pure. */
export function eventLine(name: AgentEventName, facts: EventFacts): string {
  const { id, level, words } = EVENT_LOG[name];
  const said = Object.entries(facts).flatMap(([fact, value]) => (value === undefined ? [] : `${fact}=${inWords(value)}`));
  return `@kanade event ${id} ${level} ${words}: ${said.join(' ')}`;
}

/** Without what would end the line, hide text or turn it round. */
function inWords(value: string | number): string {
  const text = String(value)
    .slice(0, FACT_MAX)
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ');
  return UNQUOTED.test(text) ? text : `"${text.replaceAll('"', "'")}"`;
}
