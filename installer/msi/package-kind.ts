/** What one of our packages is, beyond what wixl makes of `<name>.wxs`: repair.ts puts it into the tables. */
export interface PackageKind {
  name: 'agent' | 'backend';
  /** What whoever installs may say, beside REMOVE_DATA. */
  properties: readonly string[];
  /** Those among them that are kept from an earlier installation: each has its SAVED_ and its KEEP_ in the sources. */
  kept: readonly string[];
  /** Those that are so unless something else is said or kept: each has its DEFAULT_ in the sources. */
  defaults: readonly string[];
  /** Those that no log of the installation shows. */
  secret: readonly string[];
  /** Components that are there only when their property says something. */
  conditions: Readonly<Record<string, string>>;
  services: readonly { name: string; delayed: boolean }[];
  /** Emptied and removed with the last of it, whatever has come there since. As `[Folder]`. */
  programs: string;
  /** The same, when REMOVE_DATA=1 is said. */
  data: readonly string[];
  /** Who may what: rows of MsiLockPermissionsEx without their conditions. */
  locks: readonly (readonly [id: string, object: string, table: 'Registry', rights: string])[];
}

/** SYSTEM's: for it and Administrators, and nobody else; nothing is inherited from above, all of it by what is below. */
export const KEY_OURS_ALONE = 'O:SYG:SYD:P(A;CI;KA;;;SY)(A;CI;KA;;;BA)';
