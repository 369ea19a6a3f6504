import { integer, object, string } from 'superstruct';
import { Instant } from '#core/contract/time.ts';
import { Version } from '#core/contract/version.ts';
import { Sha256 } from '#core/release/manifest.ts';
import { installScript } from '../../install/install-script.ts';
import type { StoredPackage } from '../../install/stored-package.ts';
import { PACKAGE_MAX, takePackage } from '../../install/take-package.ts';
import { passOver } from '../../releases/take-release.ts';
import { annotate } from '../../schema/json-schema.ts';
import { whole } from '../../schema/structs.ts';
import { type Route, route } from '../route.ts';

const Hash = annotate(Sha256, { type: 'string', pattern: '^[0-9a-f]{64}$' });
const PackageAnswer = object({
  version: string(),
  sha256: string(),
  size: integer(),
  uploaded_at: Instant,
  uploaded_by: string(),
  script_sha256: string(),
});

export const agentPackageRoutes: readonly Route[] = [
  route({
    method: 'PUT',
    path: '/api/v1/agent-package',
    scope: 'admin',
    summary:
      "Says which package of Windows Installer new PCs get: the agent's MSI, in place of the one before. Its hash and size are checked",
    query: object({ version: annotate(Version, { type: 'string' }), sha256: Hash, size: whole(8, PACKAGE_MAX) }),
    uploads: 'application/octet-stream',
    response: PackageAnswer,
    status: 200,
    audit: 'agent_package_put',
    handler: async ({ ctx, query, upload, actor, audit, signal }) => {
      audit.target = 'agent-package';
      audit.before = ctx.packages.get();
      const stored = await takePackage(ctx, query, upload, { actor: actor.name, signal }).catch(async (error) => {
        await passOver(upload);
        throw error;
      });
      audit.after = stored;
      return { body: await viewOf(stored) };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/agent-package',
    scope: 'read',
    summary: 'The package that new PCs get, and the hash of the script that installs it (/install.ps1)',
    response: PackageAnswer,
    status: 200,
    handler: async ({ ctx }) => ({ body: await viewOf(ctx.packages.known()) }),
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/agent-package',
    scope: 'admin',
    summary: 'Takes the package away: lines that were made for it install nothing any more',
    status: 204,
    audit: 'agent_package_remove',
    handler: async ({ ctx, audit, signal }) => {
      audit.target = 'agent-package';
      audit.before = await ctx.packages.remove(signal);
      return {};
    },
  }),
  route({
    method: 'GET',
    path: '/install.ps1',
    scope: undefined,
    summary:
      'What installs that package on a PC. Nothing secret is in it, and nothing of the request: whoever runs it compares it with script_sha256 first',
    produces: ['text/plain'],
    status: 200,
    handler: async ({ ctx }) => {
      const { text } = await installScript(ctx.packages.known());
      return { content: { type: 'text/plain; charset=us-ascii', parts: [Buffer.from(text)] } };
    },
  }),
];

async function viewOf(stored: StoredPackage) {
  return { ...stored, script_sha256: (await installScript(stored)).sha256 };
}
