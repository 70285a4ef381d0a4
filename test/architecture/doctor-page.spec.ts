import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RULES } from '../../libs/cache/src/core/doctor/rules.js';
import { isSpec, only, readTree, ROOT } from './support/tree.js';

const page = readFileSync(join(ROOT, 'docs/doctor.md'), 'utf8');
const [, table = ''] = page.split('## What it looks at');
const rows = table.split('\n').filter((line) => line.startsWith('| `'));

describe('the table of findings', () => {
  it('says of every rule what it says itself, in its order', () => {
    const cells = rows.map((row) => row.split(' | ').map((cell) => cell.replace(/^\|\s*|\s*\|$/g, '').trim()));
    expect(cells).toEqual(RULES.map(({ id, standard, why }) => [`\`${id}\``, standard, why]));
  });

  it('is long enough to be planted: at least twenty', () => expect(rows.length).toBeGreaterThanOrEqual(20));
});

describe('every rule', () => {
  const specs = only(readTree(['test/integration/redis/doctor', 'libs/cache/src/core/doctor/rules'], '.ts'), isSpec);
  const text = [...specs.values()].join('\n');

  it.each(RULES.map(({ id }) => id))('was seen to complain in a test: %s', (id) => {
    expect(text).toMatch(new RegExp(`'${id} (?:critical|warning|note)|said\\('${id}'`));
  });
});
