import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { install, isDebian } from '../redis/debian.js';

/** Where Debian keeps what its `postgresql` brings, one folder a version: not in PATH. */
const DEBIAN = '/usr/lib/postgresql';

/** The folder of a PostgreSQL server's programs: of POSTGRES_BIN, of PATH or of Debian's packages, else fetched. Never skips. */
export function obtainPostgres(): string {
  const chosen = process.env.POSTGRES_BIN;
  if (chosen) {
    if (isServer(chosen)) return chosen;
    throw new Error(`POSTGRES_BIN is '${chosen}', which holds no initdb and postgres`);
  }
  return findPostgres() ?? fetchPostgres();
}

function findPostgres(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, 'bin')) : [];
  return [...(process.env.PATH ?? '').split(delimiter), ...versions].find(isServer);
}

function fetchPostgres(): string {
  const isAllowed = isDebian() && process.getuid?.() === 0;
  const tried = isAllowed ? install(['postgresql']).said.split('\n').at(-1) : 'this is no Debian, or not root';
  const found = findPostgres();
  if (found !== undefined) return found;
  throw new Error(
    [
      'These tests need a real PostgreSQL: two sessions that do not see one another. Any of these helps:',
      '- put initdb and postgres into PATH (on macOS: brew install postgresql)',
      '- set POSTGRES_BIN to their folder',
      '- on Debian as root: apt-get install postgresql',
      `Tried to install it: ${tried}`,
    ].join('\n'),
  );
}

function isServer(folder: string): boolean {
  return existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres'));
}
