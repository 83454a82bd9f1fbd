export type VersionFault = 'too_old' | 'loses_rows'

/**
 * Returns why Dawnpost cannot use a PostgreSQL with this `server_version_num` (140003 is 14.3);
 * null if it can. 14.0 to 14.3 can leave rows out of an index that is built while they are written
 * (release notes of 14.4). The keys of the ledger are built that way, so a reader could get a mail
 * twice.
 */
export function versionFault(version: number): VersionFault | null {
  if (version < 130_000) return 'too_old'
  return version >= 140_000 && version < 140_004 ? 'loses_rows' : null
}
