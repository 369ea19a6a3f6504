import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LASTING_SETTINGS } from '#core/settings/table.ts';

test('Test-KanadeAgentInstallation knows each setting of the file that the registry has too, by the name it has there', () => {
  const script = readFileSync(new URL('../../ps-module/Private/Install/Read-KanadeInstallation.ps1', import.meta.url), 'utf8');
  const table = /\$names = @\{([^}]*)\}/.exec(script)![1]!;
  const known = [...table.matchAll(/(\w+) = '(\w+)'/g)].map(([, key, name]) => [key!, name!]);
  const wanted = LASTING_SETTINGS.filter(({ programs }) => programs.includes('agent')).flatMap(({ key, registry }) =>
    registry === undefined ? [] : [[key, registry]],
  );
  expect(Object.fromEntries(known)).toEqual(Object.fromEntries(wanted));
});
