/** A table of a Windows Installer database, as msiinfo exports and msibuild imports it: text, tab-separated. */
export interface Table {
  name: string;
  columns: readonly string[];
  /** Of each column, in the letters of the format: s72, S0, i2, ... */
  types: readonly string[];
  keys: readonly string[];
  rows: string[][];
}

export function parseTable(text: string): Table {
  const [columns = [], types = [], about = [], ...rows] = text
    .split('\r\n')
    .filter((line, i) => i < 3 || line !== '')
    .map((line) => line.split('\t'));
  // A code page may come before the name.
  const [name = '', ...keys] = /^\d+$/.test(about[0] ?? '') ? about.slice(1) : about;
  return { name, columns, types, keys, rows };
}

export function formatTable({ name, columns, types, keys, rows }: Table): string {
  return [columns, types, [name, ...keys], ...rows].map((cells) => `${cells.join('\t')}\r\n`).join('');
}

/** The cell of a row, by the name of its column. */
export function cell({ name, columns }: Table, row: readonly string[], column: string): string {
  const at = columns.indexOf(column);
  if (at < 0) throw new Error(`the table ${name} has no column ${column}`);
  return row[at] ?? '';
}

/** Sets one cell of the one row that `column` says it is. */
export function setCell(table: Table, [column, value]: readonly [string, string], changed: string, to: string): void {
  const rows = table.rows.filter((row) => cell(table, row, column) === value);
  if (rows.length !== 1) throw new Error(`the table ${table.name} has ${rows.length} rows with ${column} ${value}`);
  rows[0]![table.columns.indexOf(changed)] = to;
}
