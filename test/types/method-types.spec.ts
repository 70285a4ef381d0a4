import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseTemplate } from '../../libs/cache/src/core/keys/template.js';
import { NOT_REFUSED, refusals, templates } from './cases.js';
import { compile, cost, type Diagnostic, emitDeclarations, FIXTURES, VERSIONS } from './compilers.js';
import { GENERATED, writeMethods } from './many-methods.js';

/** Milliseconds a compiler may take on a busy machine. */
const PATIENCE = 120_000;

beforeAll(async () => {
  expect(await emitDeclarations()).toEqual([]);
}, PATIENCE);

afterAll(() => rmSync(GENERATED, { recursive: true, force: true }));

const runs = VERSIONS.flatMap((version) => [[version, 'strict'] as const, [version, 'nest11'] as const]);

describe.each(runs)('TypeScript %s, tsconfig %s', (compiler, config) => {
  let diagnostics: Diagnostic[];

  beforeAll(async () => {
    diagnostics = await compile(compiler, '-p', `${FIXTURES}tsconfig.${config}.json`);
  }, PATIENCE);

  it('compiles every good member', () => {
    expect(diagnostics.filter(({ file }) => !/bad\.ts$|control\.ts$/.test(file))).toEqual([]);
  });

  it('refuses every bad member with its sentence, the same in every version and tsconfig', async () => {
    const said = refusals('bad.ts', diagnostics);
    expect(Object.keys(said).filter((name) => said[name] === NOT_REFUSED)).toEqual([]);
    await expect(JSON.stringify(said, undefined, 2)).toMatchFileSnapshot('__snapshots__/sentences.json');
  });

  it('says of a template what the boot would say', () => {
    const said = refusals('bad.ts', diagnostics);
    const atBoot = templates('bad.ts').flatMap(({ name, template, kind }) => {
      try {
        parseTemplate(template, kind);
        return [];
      } catch (error) {
        return [{ name, sentence: said[name], boot: String(error) }];
      }
    });
    expect(atBoot.length).toBeGreaterThan(25);
    for (const { name, sentence, boot } of atBoot) expect(`${name}: ${boot}`).toContain(sentence);
  });

  it('would notice a bad member that compiles', () => {
    expect(refusals('control.ts', diagnostics)).toEqual({
      'this one compiles': NOT_REFUSED,
      'this one is refused': '{0} is not string | number | bigint | boolean',
    });
  });
});

const METHODS = 500;
/** Seconds. */
const MOST = 5;

describe.each(VERSIONS)('TypeScript %s', (compiler) => {
  it(`spends at most ${MOST} s more on ${METHODS} methods when they are decorated`, { retry: 1 }, async () => {
    const plain = await cost(
      compiler,
      '-p',
      writeMethods('plain', METHODS, () => ''),
    );
    const decorated = await cost(
      compiler,
      '-p',
      writeMethods('decorated', METHODS, (decorator) => decorator),
    );
    const added = decorated - plain;
    console.log(
      `types: TypeScript ${compiler}: ${METHODS} methods, plain ${plain.toFixed(2)} s, decorated ${decorated.toFixed(2)} s, ` +
        `added ${added.toFixed(2)} s of processor time (claim: at most ${MOST} s)`,
    );
    expect(added).toBeLessThan(MOST);
  });
});
