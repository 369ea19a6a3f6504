import type { PackFile } from './files.ts';
import { fileOfPackage, type LockedPackage } from './node-package.ts';
import type { Sign } from './sign.ts';

/**
 * .NET for the agent. Not among the packages that npm installs: on Linux it compiles itself, and only Windows has any use for it. It is of
 * the Node that is shipped: its library is for one major version alone.
 */
export const EDGE: LockedPackage = {
  name: 'edge-js',
  version: '26.1.0',
  integrity: 'sha512-7FJNViJHNd3yKTvCaw5uKDb90QeQNItYMlpbFaAVqc+jWNmInCDbi7st3nXG8IJ3sETneVfGK0r2CopNPcPFDw==',
};

const LIBRARIES = 'lib/native/win32/x64';
const NODE_MAJOR = 24;

/**
 * What of it a PC needs, below `edge-js/`, and its licence. Nothing of `build/`, which it would prefer. Its library is nobody's before it is
 * ours; the runtime of C++ has Microsoft's signature, and its own installation alone would copy that beside the library.
 */
export async function edgeFiles(cache: string, sign: Sign): Promise<{ files: PackFile[]; licence: string }> {
  const from = async (name: string, path = name): Promise<PackFile> => ({
    name: `edge-js/${name}`,
    bytes: await fileOfPackage(EDGE, path, cache),
  });
  const own = `${LIBRARIES}/${NODE_MAJOR}`;
  const files = [
    await from('package.json'),
    await from('lib/edge.js'),
    await from('tools/checkMono.js'),
    await sign(await from(`${own}/edge_nativeclr.node`)),
    await from(`${own}/vcruntime140.dll`, `${LIBRARIES}/vcruntime140.dll`),
  ];
  const text = new TextDecoder().decode(await fileOfPackage(EDGE, 'LICENSE', cache));
  const runtime = 'With it comes vcruntime140.dll, the runtime of Microsoft Visual C++, which Microsoft lets be passed on.';
  return { files, licence: `${EDGE.name} ${EDGE.version} (MIT)\n\n${text.replaceAll('\r\n', '\n').trim()}\n\n${runtime}` };
}
