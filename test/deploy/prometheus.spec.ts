import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDemo, startDemo, type Demo } from '../support/demo/process.js';
import { SharedDatabase } from '../support/demo/shared-database.js';
import { run } from '../support/redis/run.js';
import { startStandalone, type Standalone } from '../support/redis/standalone.js';
import { eventually } from '../support/redis/wait.js';
import { obtainPrometheus, Prometheus } from './prometheus.js';

const FOLDER = join(__dirname, '../../deploy/prometheus');
const ALERTS = readFileSync(join(FOLDER, 'alerts.yml'), 'utf8');

/** The same rules, whose minutes are seconds. */
const hurried = ALERTS.replaceAll(/\[(\d+)m\]/g, (_, minutes: string) => `[${Number(minutes) * 3}s]`).replaceAll(
  /for: \d+m/g,
  'for: 1s',
);

describe('deploy/prometheus/alerts.yml', () => {
  const { promtool } = obtainPrometheus();

  it('is what Prometheus takes', () => {
    expect(run(promtool, ['check', 'rules', join(FOLDER, 'alerts.yml')])).toMatchObject({ ok: true });
  });

  it('is found by deploy/prometheus/prometheus.yml', () => {
    const { ok, said } = run(promtool, ['check', 'config', join(FOLDER, 'prometheus.yml')]);
    expect([ok, said]).toEqual([true, expect.stringContaining('12 rules found')]);
  });

  it('fires when its conditions are made, and not before (promtool test rules)', () => {
    const { ok, said } = run(promtool, ['test', 'rules', join(FOLDER, 'alerts.test.yml')]);
    expect([ok, said]).toEqual([true, expect.stringContaining('SUCCESS')]);
  });

  it('would be seen not to (control)', () => {
    const folder = mkdtempSync(join(tmpdir(), 'alerts-'));
    try {
      writeFileSync(join(folder, 'alerts.yml'), ALERTS.replace('> 0.90', '> 0.99'));
      writeFileSync(join(folder, 'alerts.test.yml'), readFileSync(join(FOLDER, 'alerts.test.yml')));
      expect(run(promtool, ['test', 'rules', join(folder, 'alerts.test.yml')]).ok).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('a Prometheus that scrapes the demo', () => {
  const folder = mkdtempSync(join(tmpdir(), 'scrape-'));
  let database: SharedDatabase;
  let server: Standalone;
  let client: Redis;
  let demo: Demo;
  let prometheus: Prometheus;

  beforeAll(async () => {
    buildDemo();
    const city = { name: 'City', country_code: 'FR', population: 1_000, latitude: 1, longitude: 1 };
    database = await SharedDatabase.start(Array.from({ length: 300 }, (_, at) => ({ ...city, id: at + 1 })));
    server = await startStandalone({ args: ['--maxmemory', '24mb', '--maxmemory-policy', 'volatile-lru'] });
    client = new Redis(server.port, server.host);
    demo = await startDemo({ DATABASE_URL: database.url, REDIS_URL: `redis://${server.address}` });
    const config = [
      'global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }',
      'rule_files: [alerts.yml]',
      'scrape_configs:',
      '  - job_name: demo',
      `    static_configs: [{ targets: ['${demo.url.replace('http://', '')}'] }]`,
    ];
    writeFileSync(join(folder, 'alerts.yml'), hurried);
    writeFileSync(join(folder, 'prometheus.yml'), `${config.join('\n')}\n`);
    prometheus = await Prometheus.start(join(folder, 'prometheus.yml'));
  }, 180_000);

  afterAll(async () => {
    await prometheus?.stop();
    await demo?.stop();
    client?.disconnect();
    await server?.stop();
    await database?.stop();
    rmSync(folder, { recursive: true });
  });

  const firing = (alert: string) =>
    eventually(`${alert} fires`, async () => (await prometheus.firing()).includes(alert), 60_000);
  const cleared = (alert: string) =>
    eventually(`${alert} is over`, async () => !(await prometheus.firing()).includes(alert), 60_000);
  const raised = async (): Promise<readonly { name: string }[]> => {
    const answer = await fetch(`${demo.url}/health`);
    const { details } = (await answer.json()) as { details: Record<string, { raised: { name: string }[] }> };
    return details['cache-alerts']?.raised ?? [];
  };

  it('is given what promtool calls good metrics', async () => {
    const text = await (await fetch(`${demo.url}/metrics`)).text();
    const ours = text
      .split('\n')
      .filter((line) => line.includes('datapunk_'))
      .join('\n');
    const { status, stdout, stderr } = spawnSync(obtainPrometheus().promtool, ['check', 'metrics'], {
      input: `${ours}\n`,
      encoding: 'utf8',
    });
    expect([status, `${stdout}${stderr}`]).toEqual([0, '']);
  });

  it('sees a low hit ratio come and go', async () => {
    const read = (id: number) => fetch(`${demo.url}/cities/${id}`).then((answer) => answer.text());
    let id = 0;
    const misses = async () => {
      await Promise.all(Array.from({ length: 60 }, () => read((id += 1))));
      return (await prometheus.firing()).includes('low-hit-ratio');
    };
    await eventually('low-hit-ratio fires', misses, 60_000);
    const hits = async () => {
      await Promise.all(Array.from({ length: 60 }, () => read(1)));
      return !(await prometheus.firing()).includes('low-hit-ratio');
    };
    await eventually('low-hit-ratio is over', hits, 60_000);
  }, 150_000);

  it('sees memory fill and empty again, and so does health', async () => {
    const text = 'x'.repeat(10_000);
    // Without an end, so that nothing of it is evicted.
    const used = async () => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
    for (let at = 0; (await used()) < 22.5 * 1024 ** 2; at += 1) {
      await client.mset(Object.fromEntries(Array.from({ length: 20 }, (_, of) => [`fill:${at}:${of}`, text])));
    }
    await firing('high-memory');
    await eventually('health says so', async () => (await raised()).some(({ name }) => name === 'high-memory'), 30_000);
    expect((await fetch(`${demo.url}/health`)).status).toBe(503);
    expect((await fetch(`${demo.url}/health/ready`)).status).toBe(200);
    await client.flushall();
    await cleared('high-memory');
    await eventually(
      'health is well',
      async () => !(await raised()).some(({ name }) => name === 'high-memory'),
      30_000,
    );
  }, 150_000);

  it('sees keys be evicted, and that no more are', async () => {
    const text = 'x'.repeat(2_000);
    let at = 0;
    const write = async () => {
      for (let round = 0; round < 20; round += 1) {
        const batch = client.pipeline();
        for (let one = 0; one < 500; one += 1) batch.set(`evict:${(at += 1)}`, text, 'EX', 3_600);
        await batch.exec();
      }
      return (await prometheus.firing()).includes('high-evictions');
    };
    await eventually('high-evictions fires', write, 60_000);
    await client.flushall();
    await cleared('high-evictions');
  }, 150_000);
});
