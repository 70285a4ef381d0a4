import { defineConfig } from 'vitest/config';

const oxc = { decorator: { legacy: true, emitDecoratorMetadata: true } };
const resolve = { tsconfigPaths: true };

/** One project a folder, so that `check` runs the quick ones and `test:full` adds browser and consumer apps. */
function project(name: string, include: string[], test: Record<string, unknown> = {}) {
  return { resolve, oxc, test: { name, include, isolate: false, setupFiles: ['test/support/setup.ts'], ...test } };
}

/** Real servers, which the setup starts and ends. */
const withRedis = {
  globalSetup: ['test/support/redis/global-setup.ts'],
  testTimeout: 60_000,
  hookTimeout: 60_000,
};

const REDIS = [
  'test/support/redis/**/*.spec.ts',
  ...['demo', 'documents', 'locks', 'redis'].map((folder) => `test/integration/${folder}/**/*.spec.ts`),
  'test/deploy/**/*.spec.ts',
];

/** Faults whose tests measure what they cost: of the cache, and of coordination. `failovers` mostly wait for servers. */
const faults = (...folders: readonly string[]) => folders.map((folder) => `test/faults/${folder}/**/*.spec.ts`);
const FAULTS = faults('bounded', 'coherence', 'consistency', 'soak', 'storm');
const COORDINATION = faults('kit', 'limits', 'locks', 'retries');

/** What has to be the same wherever the values are kept; `embedded` and `shared` hold what only one place can show. */
const PATTERNS = [
  ...['context', 'decorators', 'limits', 'module', 'operations', 'services', 'retries', 'transactions'].map(
    (folder) => `test/e2e/${folder}/**/*.spec.ts`,
  ),
  'test/pitfalls/**/*.spec.ts',
];

/** Booted applications over Redis; see `test/support/backends.ts` for what the backends are. */
function overRedis(name: string, backend: 'standalone' | 'cluster' | 'cold') {
  return project(name, [...PATTERNS, 'test/e2e/shared/**/*.spec.ts'], {
    ...withRedis,
    provide: { backend },
    setupFiles: ['test/support/setup.ts', 'test/support/redis/tidy.ts'],
  });
}

export default defineConfig({
  resolve,
  oxc,
  test: {
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    projects: [
      project('unit', ['libs/**/*.spec.ts', 'apps/**/*.spec.ts', 'test/support/consistency/**/*.spec.ts'], {
        testTimeout: 20_000,
      }),
      project('architecture', ['test/architecture/**/*.spec.ts'], { testTimeout: 60_000 }),
      project('contracts', [
        'test/contracts/lock-engine.contract.spec.ts',
        'test/contracts/layer.contract.spec.ts',
        'test/contracts/permits.contract.spec.ts',
        'test/contracts/retries.contract.spec.ts',
        'test/contracts/limit-store.contract.spec.ts',
        'test/contracts/tag-store.contract.spec.ts',
      ]),
      project('types', ['test/types/**/*.spec.ts'], { testTimeout: 180_000 }),
      project('e2e', [...PATTERNS, 'test/e2e/embedded/**/*.spec.ts'], {
        testTimeout: 60_000,
        hookTimeout: 60_000,
        provide: { backend: 'embedded' },
      }),
      overRedis('e2e-redis', 'standalone'),
      overRedis('e2e-cluster', 'cluster'),
      overRedis('e2e-redis-cold', 'cold'),
      project('redis', REDIS, withRedis),
      project('coherence', ['test/integration/coherence/**/*.spec.ts'], withRedis),
      project('redis-contracts', ['test/contracts/redis-*.spec.ts'], withRedis),
      project('failovers', faults('failovers'), withRedis),
      project('faults', FAULTS, withRedis),
      project('faults-coordination', COORDINATION, withRedis),
      project('bootstrap', ['test/bootstrap/**/*.spec.ts'], { testTimeout: 120_000 }),
      project('browser', ['test/browser/**/*.spec.ts'], { testTimeout: 180_000, hookTimeout: 180_000 }),
      project('consumers', ['test/consumers/**/*.spec.ts'], { testTimeout: 600_000, hookTimeout: 600_000 }),
    ],
  },
});
