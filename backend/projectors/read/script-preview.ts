/** Characters. */
const PREVIEW_MAX = 100;

/** The first line of a script that says something, so that an admin knows it in a list; null when there is none to show. */
export function scriptPreview(script: string | null): string | null {
  const line = script?.split(/\r?\n/).find((one) => one.trim() !== '');
  return line === undefined ? null : line.trim().slice(0, PREVIEW_MAX).toWellFormed();
}
