import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { unpack } from './debian.js';
import { CACHE } from './find-server.js';
import { run } from './run.js';

export const LOCALE = 'en_US.UTF-8';

const SYSTEM = '/usr/share/i18n';

/**
 * The environment in which a server compares strings as English does. Compiled here, because most machines have only C,
 * and a server whose locale is missing falls back to C without a word.
 */
export function localeEnvironment(cache = CACHE): Record<string, string> {
  const folder = join(cache, 'locales');
  if (!existsSync(join(folder, LOCALE))) compile(folder, sources(cache));
  return { LC_ALL: LOCALE, LOCPATH: folder };
}

/** The folder with the descriptions of locales: of Debian's package `locales`, installed or unpacked. */
export function sources(cache: string, system = SYSTEM): string {
  const unpacked = join(cache, 'locale-sources');
  const places = [system, join(unpacked, 'usr/share/i18n')];
  const present = (): string | undefined => places.find((place) => existsSync(join(place, 'locales/en_US')));
  const found = present();
  if (found !== undefined) return found;
  const { said } = unpack(['locales'], unpacked);
  const fetched = present();
  if (fetched !== undefined) return fetched;
  throw new Error(`No description of ${LOCALE}: install Debian's package 'locales' (unpacking it failed: ${said})`);
}

function compile(folder: string, i18n: string): void {
  mkdirSync(folder, { recursive: true });
  const work = mkdtempSync(`${folder}-`);
  const args = ['--no-archive', '-i', join(i18n, 'locales/en_US'), '-f', 'UTF-8', join(work, LOCALE)];
  const { ok, said } = run('localedef', args, { env: { I18NPATH: i18n } });
  if (!ok) throw new Error(`localedef could not compile ${LOCALE}: ${said}`);
  // Another run may have been quicker, and a server of its own be about to read what it made: that stays.
  if (!existsSync(join(folder, LOCALE))) move(join(work, LOCALE), join(folder, LOCALE));
  rmSync(work, { recursive: true, force: true });
}

function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!existsSync(to)) throw error;
  }
}
