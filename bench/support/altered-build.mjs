import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

/** What the directories of copies begin with. */
const COPY = 'altered-';

/**
 * A copy of the build with other text in some of its files (`[file, text, other text]`): what something costs is measured against a build that does not
 * do it. Inside `dist`, so that it finds the same packages. The caller removes it.
 */
export function alteredBuild(replacements) {
  const copy = mkdtempSync(join(DIST, COPY));
  for (const entry of readdirSync(DIST)) {
    if (!entry.startsWith(COPY)) cpSync(join(DIST, entry), join(copy, entry), { recursive: true });
  }
  for (const [file, what, instead] of replacements) {
    const path = join(copy, file);
    const text = readFileSync(path, 'utf8');
    if (!text.includes(what)) throw new Error(`${file} does not hold '${what}' any more: mend this bench`);
    writeFileSync(path, text.replace(what, instead));
  }
  return copy;
}
