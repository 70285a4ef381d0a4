import { CacheConfigError } from '../../../core/errors.js';
import { shown } from '../../../core/shared/shown.js';

/**
 * For scripts that read keys with `redis.pcall('GET', …)`, so that a key of somebody else is the affair of those alone who
 * ask for it: other keys travel in the same call. Says what is there: how its text begins, or that it is none. Any other error
 * is one of the whole call.
 */
export const FOREIGN = `
local function foreign(key, text)
  if type(text) == 'string' then return 'string ' .. string.sub(text, 1, 80) end
  if string.sub(text.err, 1, 9) ~= 'WRONGTYPE' then redis.call('GET', key) end
  return 'value of another type'
end
`;

/**
 * What a script says of a key that is ours: its last thing is a number. Of another's it says there what it has found.
 * @throws {CacheConfigError} for another's.
 */
export function ours(key: string, said: readonly unknown[]): readonly unknown[] {
  const found = said.at(-1);
  if (typeof found === 'number') return said;
  throw new CacheConfigError(
    `the key '${key}' holds ${inWords(String(found))}, which this library did not write, so nobody is given what it stands for. Find out who writes there (another service of this name?), then delete it: DEL ${key}.`,
    { key },
  );
}

function inWords(found: string): string {
  const [, text] = /^string (.*)$/su.exec(found) ?? [];
  return text === undefined ? `a ${found}` : `the text ${shown(text)}`;
}
