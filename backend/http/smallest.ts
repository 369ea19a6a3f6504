/** The first `count` of `items` in the order of `compare`, without sorting the rest: a page of 50 out of 10,000. */
export function smallest<T>(items: Iterable<T>, count: number, compare: (a: T, b: T) => number): T[] {
  const found: T[] = [];
  for (const item of items) {
    if (found.length === count && compare(item, found[count - 1]!) >= 0) continue;
    let low = 0;
    let high = found.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(item, found[middle]!) < 0) high = middle;
      else low = middle + 1;
    }
    found.splice(low, 0, item);
    if (found.length > count) found.pop();
  }
  return found;
}
