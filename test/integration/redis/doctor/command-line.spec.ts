import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settings } from '../../../support/redis/settings.js';
import { startCluster } from '../../../support/redis/start-cluster.js';
import { startStandalone, type Standalone } from '../../../support/redis/standalone.js';
import { shipped } from './support.js';

const ROOT = join(__dirname, '../../../..');
const IMPORT = pathToFileURL(join(ROOT, 'test/support/import-source.mjs')).href;
const MAIN = join(ROOT, 'libs/cache/src/cli/main.ts');

/** As npx does: argv[1] is the program. */
const PROGRAM = `import { importSource } from ${JSON.stringify(IMPORT)}; process.argv.splice(1, 0, 'datapunk-cache'); importSource(${JSON.stringify(MAIN)});`;

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly said: string;
}

/** The command line in a process of its own. */
function run(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, '--', ...words], {
    env: { ...process.env, REDIS_URL: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let said = '';
  child.stdout.on('data', (chunk) => (out += String(chunk)));
  child.stderr.on('data', (chunk) => (said += String(chunk)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, said }));
  });
}

describe('datapunk-cache doctor', () => {
  let server: Standalone;

  beforeAll(async () => {
    server = await startStandalone({
      args: settings({ save: '900 1', maxmemory: '100mb', 'maxmemory-policy': 'volatile-lru' }),
    });
  });
  afterAll(() => server.stop());

  it('says what is, what the standard says, why, and what mends it; and ends with 1 for warnings', async () => {
    const { code, out, said } = await run(['doctor', '--redis', `redis://${server.address}`]);
    expect(said).toBe('');
    expect(out).toContain(`1 node by itself: ${server.address}`);
    expect(out).toMatch(
      /^warning cluster-mode: a server by itself\n {2}standard {2}Redis Cluster\n {2}why .+\n {2}mend /m,
    );
    expect(out).toMatch(/\d+ warning, \d+ note, \d+ ok\n$/);
    expect(out).not.toContain('\u001B');
    expect(out).not.toMatch(/^ok /m);
    expect(code).toBe(1);
  });

  it('shows with --all what is as it should be', async () => {
    const { out } = await run(['doctor', '--redis', server.address, '--all']);
    expect(out).toMatch(/^ok reachable: as the standard asks$/m);
  });

  it('gives the report as JSON, by the address of REDIS_URL', async () => {
    const { code, out } = await run(['doctor', '--json'], { REDIS_URL: `redis://${server.address}` });
    const report = JSON.parse(out);
    expect(report).toMatchObject({ severity: 'warning', topology: 'standalone', nodes: [server.address] });
    expect(Object.keys(report.findings[0])).toEqual(
      expect.arrayContaining(['id', 'severity', 'nodes', 'standard', 'found', 'why', 'mend']),
    );
    expect(code).toBe(1);
  });

  it('ends with 2 for something critical', async () => {
    await server.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
    const { code, out } = await run(['doctor', '--redis', server.address]);
    await server.call('CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru');
    expect(out).toMatch(/^critical eviction-policy: allkeys-lru/m);
    expect(code).toBe(2);
  });

  it('ends within its patience with 2 where the server is silent', async () => {
    await server.pause();
    const began = performance.now();
    const { code, out } = await run(['doctor', '--redis', server.address, '--patience', '500ms']);
    const took = performance.now() - began;
    server.resume();
    expect(out).toContain('critical reachable: no answer within 500 ms');
    expect(code).toBe(2);
    expect(took).toBeLessThan(15_000);
  });

  it('ends with 0 where the server refuses to say anything but that it is there', async () => {
    const blind = await startStandalone({ acl: ['user default off', 'user blind on >blind -@all +ping'] });
    const { code, out } = await run(['doctor', '--redis', `redis://blind:blind@${blind.address}`]);
    await blind.stop();
    expect(out).toMatch(/^unknown snapshots: the server does not say: CONFIG GET$/m);
    expect(out).not.toContain('blind:blind');
    expect(code).toBe(0);
  });

  it('takes several nodes of a cluster', async () => {
    const cluster = await startCluster({ args: () => shipped('coordination.conf') });
    const [first, second] = cluster.nodes.map(({ address }) => address);
    const { code, out } = await run(['doctor', '--redis', `${first},${second}`, '--for', 'coordination']);
    await cluster.stop();
    expect(out).toContain('6 nodes of a cluster');
    expect(out).toMatch(/\n1 warning, \d+ ok\n$/);
    expect(out).toContain('warning version-floor');
    expect(code).toBe(1);
  });
});

describe('datapunk-cache', () => {
  it('is what package.json says the program is, and begins as a program', () => {
    const { bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    expect(bin).toEqual({ 'datapunk-cache': './dist/cli/main.js' });
    expect(readFileSync(MAIN, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it.each([
    [['--help'], /^Usage: datapunk-cache <command>[^]+ {2}doctor /],
    [['doctor', '--help'], /Usage: datapunk-cache doctor --redis[^]+--json[^]+Exit code: 0/],
  ])('explains itself: %j', async (words, shown) => {
    const { code, out } = await run(words);
    expect(out).toMatch(shown);
    expect(code).toBe(0);
  });

  it.each([
    [[], 'There is no command. Commands: doctor.'],
    [['docter'], "There is no command 'docter'. Commands: doctor."],
    [['doctor'], '--redis is missing'],
    [['doctor', '--redsi', 'x'], "Unknown option '--redsi'"],
    [['doctor', '--redis', 'redis://me:secret@'], '--redis: '],
    [['doctor', '--redis', 'a:1,b:2/3'], '--redis[1]: no database can be chosen here'],
    [['doctor', '--redis', 'a:1', '--for', 'fun'], "--for: 'fun' is not valid"],
    [['doctor', '--redis', 'a:1', '--patience', 'long'], '--patience: "long" is not a duration'],
    [['doctor', '--redis', 'a:1', '--patience', '0'], '--patience: '],
    [['doctor', 'redis://a:1'], "Unexpected argument 'redis://a:1'"],
  ])('says what is wrong with %j, and ends with 64', async (words, message) => {
    const { code, out, said } = await run(words);
    expect(said).toContain(message);
    expect(said).toMatch(/\nSee: datapunk-cache .*--help\n$/);
    expect(said).not.toContain('secret');
    expect(out).toBe('');
    expect(code).toBe(64);
  });
});
