import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { complaints, composeTool, parse, readCompose, validate } from './compose.js';

const ROOT = join(__dirname, '../..');
const FILE = join(ROOT, 'docker-compose.yml');

const compose = readCompose(FILE);
const nodes = Object.entries(compose.services).filter(([name]) => /^redis-\d$/.test(name));
const demos = Object.entries(compose.services).filter(([name]) => name.startsWith('demo-'));

/** Judges a text by Docker Compose where that is installed, and by its structure everywhere. */
function judge(text: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'compose-'));
  try {
    const file = join(folder, 'docker-compose.yml');
    writeFileSync(file, text);
    const tool = composeTool();
    const outcome = tool && validate(tool, file);
    const refused = outcome && !outcome.ok ? [outcome.said] : [];
    return [...refused, ...complaints(readCompose(file))];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('docker-compose.yml', () => {
  const text = readFileSync(FILE, 'utf8');

  it(`is valid (${composeTool() ? 'docker-compose config, and' : 'no docker-compose here:'} its structure)`, () => {
    expect(judge(text)).toEqual([]);
  });

  it.each([
    ['demo-1: { condition: service_healthy }', 'demo-9: { condition: service_healthy }'],
    ['networks: [lake]', 'networks: [sea]'],
    ["'pg_isready'", 'ready: yes'],
    ['image: postgres:17-alpine', "image: ''"],
  ])('is seen to be wrong with %s as %s', (right, wrong) => {
    expect(text).toContain(right);
    expect(judge(text.replace(right, wrong))).not.toEqual([]);
    expect(complaints(parse(text.replace(right, wrong)))).not.toEqual([]);
  });

  it('has six nodes of Redis with addresses of their own, joined once', () => {
    expect(nodes).toHaveLength(6);
    const addresses = nodes.map(([, { networks }]) => /172[\d.]+/.exec(JSON.stringify(networks))?.[0]);
    const command = String(compose.services.cluster?.command);
    expect(command.match(/172[\d.]+(?=:6379)/g)).toEqual(addresses);
    expect(new Set(addresses).size).toBe(6);
    expect(command).toContain('--cluster-replicas 1');
    expect(Object.keys(compose.services.cluster?.depends_on ?? {})).toEqual(nodes.map(([name]) => name));
  });

  it('has two demos on one cluster and one database, open to this machine only', () => {
    expect(demos).toHaveLength(2);
    for (const [, { environment, ports }] of demos) {
      expect(environment?.REDIS_NODES?.split(',')).toEqual(nodes.map(([name]) => `${name}:6379`));
      expect(environment?.DATABASE_URL).toContain('@database:5432');
      expect(ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:300[01]:3000$/)]);
    }
  });

  it('opens nothing to other machines', () => {
    const open = Object.entries(compose.services).filter(([, { ports }]) => ports !== undefined);
    expect(open.map(([name]) => name)).toEqual([...demos.map(([name]) => name), 'prometheus', 'grafana']);
    for (const [, { ports }] of open) {
      for (const port of ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
  });

  it('mounts and builds what there is', () => {
    const mounted = Object.values(compose.services).flatMap(({ volumes = [] }) =>
      volumes.map((volume) => String(volume).split(':')[0] ?? ''),
    );
    expect(mounted).toHaveLength(9);
    expect(mounted.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    const [dockerfile] = /deploy\/demo\/Dockerfile/.exec(text) ?? [''];
    expect(existsSync(join(ROOT, dockerfile))).toBe(true);
  });

  it('takes official images', () => {
    const images = Object.values(compose.services).map(({ image }) => image);
    expect([...new Set(images)].toSorted()).toEqual([
      'datapunk-cache-demo',
      'grafana/grafana:11.3.0',
      'postgres:17-alpine',
      'prom/prometheus:v2.55.1',
      'redis:7.2-alpine',
    ]);
  });
});
