import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onNode, run, succeed } from './support/run.js';
import { type AppName, Workshop } from './support/workshop.js';

/** Versions whose newest minor is tried; see `engines` in package.json for the oldest. */
const NODES = [20, 22, 24];

/** What the compiler says of `apps/shared/refused.ts`. */
const SENTENCE = '{1}: the method has no parameter 1 (they count from 0)';

interface Consumer {
  readonly name: AppName;
  readonly what: string;
  /** The commands that run the application's own tests. */
  readonly tests: readonly string[];
}

const CONSUMERS: readonly Consumer[] = [
  { name: 'nest11-jest', what: 'Nest 11, CommonJS, Jest with ts-jest', tests: ['jest --ci'] },
  { name: 'nest11-node10', what: 'Nest 11, moduleResolution node', tests: [] },
  { name: 'nest12-vitest', what: 'Nest 12, ES modules, Vitest', tests: ['vitest run'] },
];

const workshop = new Workshop();
let tarball = '';
let installed: ReadonlyMap<AppName, string>;

beforeAll(async () => {
  tarball = await workshop.pack();
  const folders = CONSUMERS.map(async ({ name }) => [name, await workshop.install(name, tarball)] as const);
  installed = new Map(await Promise.all(folders));
});

afterAll(() => workshop.close());

describe('the tarball', () => {
  it('holds the built package and nothing else', async () => {
    const files = (await succeed('.', 'tar', '-tzf', tarball)).trim().split('\n');
    const odd = files.filter(
      (file) => !/^package\/(?:dist\/.+\.(?:js|d\.ts)|package\.json|README\.md|LICENSE)$/.test(file),
    );
    expect(odd).toEqual([]);
    expect(files.filter((file) => file.includes('.spec.'))).toEqual([]);
    expect(files).toEqual(
      expect.arrayContaining(['package/dist/index.js', 'package/dist/testing.d.ts', 'package/LICENSE']),
    );
  });

  it('is well formed in the eyes of publint', async () => {
    const said = await succeed('.', 'npx', '-y', 'publint@0.3', 'run', tarball, '--strict');
    expect(said).toMatch(/All good/);
  });

  it('has types that every way of resolving modules finds', async () => {
    const said = await succeed(
      '.',
      'npx',
      '-y',
      '@arethetypeswrong/cli@0.18',
      tarball,
      '--format',
      'table',
      '--no-emoji',
    );
    expect(said).toMatch(/No problems found/);
  });
});

describe.each(CONSUMERS)('$what', ({ name, tests }) => {
  let app = '';

  beforeAll(async () => {
    app = installed.get(name) ?? '';
    await succeed(app, 'npx', 'tsc', '-p', 'tsconfig.json');
  });

  it('compiles and refuses a wrong template with one sentence', async () => {
    const { code, output } = await run(app, 'npx', 'tsc', '-p', 'tsconfig.refused.json');
    expect(code).not.toBe(0);
    expect(output.match(/error TS/g)).toHaveLength(1);
    expect(output).toContain(SENTENCE);
  });

  it.each(tests)('passes its own tests: %s', async (command) => {
    expect(await succeed(app, 'npx', ...command.split(' '))).toMatch(/3 passed/);
  });

  it.each(NODES)('runs on Node %i', async (major) => {
    const { code, output } = await onNode(major, app, 'dist/main.js');
    expect(output.trim()).toMatch(new RegExp(`^works on ${major}\\.[\\d.]+$`));
    expect(code).toBe(0);
  });
});
