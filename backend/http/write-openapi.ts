import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openApi } from './openapi.ts';
import { routes } from './routes.ts';

// `write-openapi.ts` writes openapi.json beside it; with --check it says whether the file is current instead.
const path = fileURLToPath(new URL('./openapi.json', import.meta.url));
const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
const text = `${JSON.stringify(openApi(routes, manifest.version), null, 2)}\n`;

if (!process.argv.includes('--check')) {
  await writeFile(path, text);
} else if ((await readFile(path, 'utf8').catch(() => '')) !== text) {
  process.stderr.write('backend/http/openapi.json does not match the routes: run "npm run openapi" and commit it\n');
  process.exitCode = 1;
}
