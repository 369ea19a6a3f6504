/**
 * How many bytes of `bytes` are whole characters: fewer than all when the end cuts one in two. What is no UTF-8 at all
 * counts as whole: the decoder shows it as replacement characters.
 */
export function utf8Prefix(bytes: Uint8Array): number {
  // A character has at most three continuation bytes, so its first byte is among the last four.
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    return back < lengthOf(byte) ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function lengthOf(first: number): number {
  if (first >= 0xf0 && first < 0xf8) return 4;
  if (first >= 0xe0) return first < 0xf0 ? 3 : 1;
  return first >= 0xc0 ? 2 : 1;
}
