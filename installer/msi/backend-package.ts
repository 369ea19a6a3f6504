import type { PackageKind } from './package-kind.ts';

const PROPERTIES = ['LISTEN', 'BROKER_LISTEN', 'PUBLIC_NAME', 'BROKER_URL', 'TLS_CERT', 'TLS_KEY', 'TLS_CA'];

export const BACKEND_PACKAGE: PackageKind = {
  name: 'backend',
  properties: PROPERTIES,
  kept: PROPERTIES,
  defaults: ['LISTEN', 'BROKER_LISTEN'],
  secret: [],
  conditions: {
    SettingPublicName: 'PUBLIC_NAME',
    SettingBrokerUrl: 'BROKER_URL',
    SettingTlsCert: 'TLS_CERT',
    SettingTlsKey: 'TLS_KEY',
    SettingTlsCa: 'TLS_CA',
  },
  services: [
    { name: 'KanadeBroker', delayed: false },
    { name: 'KanadeBackend', delayed: false },
  ],
  programs: '[BackendFolder]',
  data: ['[BackendDataFolder]'],
  locks: [],
};
