import { expect, test } from 'vitest';
import { welcome } from '#backend/all-in-one/welcome.ts';

const facts = {
  url: 'http://127.0.0.1:8480',
  tokenFile: '/data/admin.token',
  dataDir: '/data',
  nats: 'nats://127.0.0.1:4222',
  pcId: 'PC1',
  module: "/it's here/Kanade.psd1",
  first: 'it takes the admin token',
  windows: false,
};

test('whoever has the token is shown how to use it', () => {
  const text = welcome(facts);
  expect(text).toContain('/api/v1/executions');
  expect(text).toContain("Import-Module '/it''s here/Kanade.psd1'");
  expect(text).toContain('Connect-Kanade -Server http://127.0.0.1:8480');
  expect(text).not.toContain('--new-admin-token');
});

test('on Windows the example is for the PowerShell that every Windows has', () => {
  const text = welcome({ ...facts, windows: true });
  expect(text).toContain('Invoke-KanadeExec -All -ScriptBlock { Get-Date } -Wait');
  expect(text).not.toMatch(/pwsh|curl/);
  expect(welcome({ ...facts, windows: true, tokenFault: 'is missing' })).toContain('npm.cmd start');
});

test('whoever has lost the token is told how to get a new one, and shown nothing that needs it', () => {
  const text = welcome({ ...facts, tokenFault: 'is missing' });
  expect(text).toContain('/data/admin.token is missing');
  expect(text).toContain('start -- --new-admin-token');
  expect(text).not.toMatch(/executions|Connect-Kanade/);
});
