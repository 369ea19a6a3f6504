import { readdir, readFile } from 'node:fs/promises';

export interface DocumentedLine {
  program: 'backend' | 'agent' | 'start';
  args: string[];
  /** The same with other values. */
  with(values: Record<string, string>): string[];
}

const ROOT = new URL('../../', import.meta.url);

/** Every line of the docs that starts one of our programs with flags. */
export async function documentedLines(): Promise<DocumentedLine[]> {
  const names = (await readdir(new URL('docs/', ROOT))).filter((name) => name.endsWith('.md'));
  const texts = await Promise.all(
    ['README.md', ...names.map((name) => `docs/${name}`)].map((path) => readFile(new URL(path, ROOT), 'utf8')),
  );
  return texts.flatMap((text) =>
    [...text.matchAll(/npm (?:run (backend|agent)|(start)) +-- ([^`\n#]+)/g)].map(([, run, start, flags]) => {
      const args = flags!.trim().split(/ +/);
      return {
        program: (run ?? start) as DocumentedLine['program'],
        args,
        with: (values) => args.map((arg, i) => values[args[i - 1] ?? ''] ?? arg),
      };
    }),
  );
}
