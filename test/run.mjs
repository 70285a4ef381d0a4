/**
 * `npm test`: all suites that need no browser and no other application, in lanes at once, because most of them wait for
 * servers or for time; then faults, which measure what they cost and want the machine nearly for themselves. A file that is done
 * is told at once, all else when its lane is over; what failed is told again at the end, and the last line sums all up.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';

const FILE = /^ [✓❯] .*\.spec\.ts/;

const LANES = [
  ['unit', 'architecture', 'types', 'contracts', 'bootstrap'],
  ['redis'],
  ['coherence', 'e2e*'],
  ['redis-contracts', 'failovers'],
];
const QUIET = [['faults'], ['faults-coordination']];

const lanes = [...(await Promise.all(LANES.map(run))), ...(await Promise.all(QUIET.map(run)))];
const sum = (of) => lanes.reduce((all, lane) => all + lane[of], 0);
for (const line of lanes.flatMap(({ failures }) => failures)) console.log(line);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = sum('failed') === 0 ? 0 : 1;

async function run(projects) {
  const args = ['vitest', 'run', ...projects.flatMap((name) => ['--project', name])];
  const child = spawn('npx', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const kept = [];
  for (const input of [child.stdout, child.stderr]) createInterface({ input }).on('line', (line) => keep(line, kept));
  const [code] = await once(child, 'close');
  const said = kept.join('\n');
  console.log(`== ${args.join(' ')}\n${said}`);
  return counted(said, code === 0);
}

/** A file that is done is told at once. */
function keep(line, kept) {
  if (FILE.test(stripVTControlCharacters(line))) console.log(line);
  else kept.push(line);
}

/** A run that dies before its closing line, or whose failure belongs to no test, counts as one failure. */
function counted(said, isGood) {
  const [, passed = 0, failed = 0] = said.match(/^(\d+) passed, (\d+) failed$/m) ?? [];
  const isTold = Number(failed) > 0 || (isGood && Number(passed) > 0);
  const failures = said.match(/^FAILED .*$/gm) ?? [];
  return { passed: Number(passed), failed: isTold ? Number(failed) : 1, failures };
}
