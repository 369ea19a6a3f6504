import { type AgentLook, DEFAULTS } from './settings.ts';
import type { Source } from './sources.ts';
import { LASTING_SETTINGS, parseGroups } from './table.ts';

/** A setting of a PC as it counts there, and who said so. */
export interface ReportedSetting {
  name: string;
  /** Null: nobody has said anything, or it is nothing to be shown. */
  value: string | readonly string[] | null;
  source: Source;
}

/** What an agent tells of its settings, in the order of their names. No secret: of a proxy only where it is. */
export function reportedSettings({ given }: Pick<AgentLook, 'given'>): ReportedSetting[] {
  const mine = LASTING_SETTINGS.filter(({ programs }) => programs.includes('agent'));
  return mine
    .filter(({ key }) => key !== 'enrolment_token')
    .map(({ key }): ReportedSetting => {
      const said = given.get(key);
      const text = said === undefined ? (DEFAULTS as Record<string, string>)[key] : String(said.value);
      return { name: key, value: text === undefined ? null : shown(key, text), source: said?.source ?? 'default' };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function shown(key: string, text: string): string | readonly string[] {
  if (key === 'groups') return parseGroups(text);
  return key === 'proxy' ? new URL(text).origin : text;
}
