/** One argument as it stands on a command line of Windows, by the rules of CommandLineToArgvW and of the C runtime. */
export function windowsArgument(text: string): string {
  if (text !== '' && !/[\s"]/.test(text)) return text;
  // Backslashes count as such unless a quote follows: then each is doubled.
  return `"${text.replace(/(\\*)"/g, '$1$1\\"').replace(/\\+$/, '$&$&')}"`;
}
