const BOM = Buffer.from([0xef, 0xbb, 0xbf]);
const SIGNATURE = '# SIG # Begin signature block';

/**
 * A PowerShell script as it lies on disk. Windows PowerShell reads a file without a byte order mark in the ANSI code
 * page, so it gets one; but a signature covers every byte, so a signed script stays as it is.
 */
export function powershellFile(script: Uint8Array): Uint8Array {
  const bytes = Buffer.from(script.buffer, script.byteOffset, script.byteLength);
  if (bytes.subarray(0, BOM.length).equals(BOM) || bytes.includes(SIGNATURE)) return bytes;
  return Buffer.concat([BOM, bytes]);
}
