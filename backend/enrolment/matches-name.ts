/**
 * Whether a name is what a pattern with `*` (any characters) and `?` (one) says, without case. In steps that grow with both
 * lengths and no faster, whatever somebody makes up as a pattern.
 */
export function matchesName(pattern: string, name: string): boolean {
  const p = pattern.toUpperCase();
  const n = name.toUpperCase();
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let i = 0; i < n.length; ) {
    if (p[at] === '*') {
      star = at++;
      resume = i;
    } else if (p[at] === '?' || p[at] === n[i]) {
      at++;
      i++;
    } else if (star >= 0) {
      // The last star takes one more.
      at = star + 1;
      i = ++resume;
    } else {
      return false;
    }
  }
  return /^\**$/.test(p.slice(at));
}
