import type { ReportedSetting } from '#core/settings/agent-report.ts';
import type { Reading } from './inventory-source.ts';

/** The section `agent_settings`: what counts on this PC, and who said so. */
export function settingsSection(reported: readonly ReportedSetting[]): Reading {
  return { data: reported.map(({ name, value, source }) => ({ name, value, source })), faults: [] };
}
