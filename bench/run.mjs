/**
 * Runs every bench in a process of its own and prints each claim beside what was measured. `npm run bench` builds first.
 * Ratios and differences only: absolute times mean nothing on a shared machine.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BENCHES = [
  'l1-hit.mjs',
  'events.mjs',
  'statistics.mjs',
  'metrics.mjs',
  'isolation.mjs',
  'decorator.mjs',
  'stampede.mjs',
  'early-refresh.mjs',
  'redis/hit.mjs',
  'redis/miss.mjs',
  'redis/levels.mjs',
  'redis/invalidation.mjs',
  'redis/tags.mjs',
  'redis/bulk.mjs',
  'limits/embedded.mjs',
  'limits/decisions.mjs',
  'locks/uncontended.mjs',
  'locks/contended.mjs',
  'locks/hand-over.mjs',
  'retries/success.mjs',
];
const [, , only] = process.argv;

const claims = [];
for (const file of BENCHES.filter((name) => only === undefined || name.startsWith(only))) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const script = `import(${JSON.stringify(path)}).then(async ({ run }) => { console.log('CLAIMS ' + JSON.stringify(await run())); process.exit(); })`;
  const output = execFileSync(process.execPath, ['--expose-gc', '-e', script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = output.trimEnd().split('\n');
  const last = lines.pop() ?? '';
  console.log(`\n${file}\n${lines.join('\n')}`);
  claims.push(...JSON.parse(last.replace(/^CLAIMS /, '')));
}

console.log('\nClaims');
console.table(
  Object.fromEntries(
    claims.map(({ claim, value, limit }) => [
      claim,
      { measured: Number(value.toFixed(3)), 'at most': limit, reached: value <= limit ? 'yes' : 'NO' },
    ]),
  ),
);
process.exitCode = claims.every(({ value, limit }) => value <= limit) ? 0 : 1;
