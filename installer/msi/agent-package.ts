import { KEY_OURS_ALONE, type PackageKind } from './package-kind.ts';

export const AGENT_PACKAGE: PackageKind = {
  name: 'agent',
  properties: ['NATS_URL', 'SERVER_URL', 'ENROL_TOKEN', 'GROUPS'],
  // Not the token: it is used once.
  kept: ['NATS_URL', 'SERVER_URL', 'GROUPS'],
  defaults: [],
  secret: ['ENROL_TOKEN'],
  conditions: { SettingServer: 'SERVER_URL', SettingNatsUrl: 'NATS_URL', SettingToken: 'ENROL_TOKEN', SettingGroups: 'GROUPS' },
  services: [{ name: 'KanadeAgent', delayed: true }],
  programs: '[AgentFolder]',
  data: ['[DataFolder]agent', '[DataFolder]host'],
  // It holds the enrolment token until that is used.
  locks: [['SettingsKey', 'SettingsVersion', 'Registry', KEY_OURS_ALONE]],
};
