import { describe, expect, it } from 'vitest';
import { examine } from '../examine.js';
import type { Facts, Member, NodeFacts } from '../facts.js';

const words = (values: Readonly<Record<string, string>>) => new Map(Object.entries(values));

/** What one rule says of these nodes. */
function said(id: string, ...nodes: readonly NodeFacts[]): string[] {
  const facts: Facts = { purpose: 'data', nodes };
  return examine(facts)
    .findings.filter((finding) => finding.id === id)
    .map(({ severity, found }) => (severity === 'ok' ? severity : `${severity} ${found}`));
}

const saying = (info: Readonly<Record<string, string>>, address = 'a:1'): NodeFacts => ({ address, info: words(info) });

describe('version-floor', () => {
  it.each(['6.2.20', '7.2.11', '7.4.6', '7.4.7', '8.0.4', '8.2.2', '8.4.0', '9.0.0'])('is met by %s', (version) => {
    expect(said('version-floor', saying({ redis_version: version }))).toEqual(['ok']);
  });

  it.each(['5.0.14', '6.0.20', '6.2.19', '7.0.15', '7.2.10', '7.4.5', '8.0.3', '8.2.1'])(
    'is not met by %s',
    (version) => {
      expect(said('version-floor', saying({ redis_version: version }))).toEqual([`warning ${version}`]);
    },
  );

  it('is unknown of what only says the version it is compatible with', () => {
    const found = said(
      'version-floor',
      saying({ redis_version: '7.2.4', server_name: 'valkey', valkey_version: '8.1.4' }),
    );
    expect(found).toEqual(['unknown the server does not say: INFO server']);
  });
});

describe('version-mixed', () => {
  it('names the versions', () => {
    const nodes = [saying({ redis_version: '7.4.6' }), saying({ redis_version: '7.2.11' }, 'b:1')];
    expect(said('version-mixed', ...nodes)).toEqual(['note 7.2.11, 7.4.6']);
    expect(said('version-mixed', ...nodes.slice(1))).toEqual(['ok']);
  });
});

describe('replica-lag', () => {
  const behind = (lag: number) =>
    saying({
      role: 'master',
      slave0: 'ip=b,port=1,state=online,offset=9,lag=0',
      slave1: `ip=c,port=1,state=online,offset=9,lag=${lag}`,
    });

  it('is that of the slowest', () => {
    expect(said('replica-lag', behind(6))).toEqual(['warning silent for 6 s']);
    expect(said('replica-lag', behind(5))).toEqual(['ok']);
  });

  it('is no matter of replicas', () => expect(said('replica-lag', saying({ role: 'slave' }))).toEqual([]));
});

describe('clock-skew', () => {
  it('is between nodes, wherever our own clock stands', () => {
    const node = (address: string, skewMs: number): NodeFacts => ({ address, skewMs });
    expect(said('clock-skew', node('a:1', 90_000), node('b:1', 90_400))).toEqual(['ok']);
    expect(said('clock-skew', node('a:1', -300), node('b:1', 400))).toEqual(['warning 700 ms apart']);
    expect(said('clock-here', node('a:1', 120_000))).toEqual(['note about 2 min behind']);
  });
});

describe('memory', () => {
  it('is told by how much of it is taken', () => {
    const filled = (used: number) => saying({ used_memory: String(used), maxmemory: '1000' });
    expect(said('memory-fill', filled(750))).toEqual(['ok']);
    expect(said('memory-fill', filled(751))).toEqual(['warning 75 % full']);
    expect(said('memory-fill', filled(901))).toEqual(['critical 90 % full']);
  });

  it('is scattered only where there is much of it', () => {
    const scattered = (used: number) => saying({ used_memory: String(used), mem_fragmentation_ratio: '2.5' });
    expect(said('fragmentation', scattered(1_000_000))).toEqual(['ok']);
    expect(said('fragmentation', scattered(1_000_000_000))).toEqual(['note 2.5']);
  });
});

describe('loading', () => {
  it('is critical', () => expect(said('loading', saying({ loading: '1' }))).toEqual(['critical it loads its data']));
});

describe('keys', () => {
  it('of others are shown escaped and cut, for they are shown on terminals', () => {
    const key = `\u001B[2J${'x'.repeat(200)}`;
    const keys = { seen: 1, lasting: 0, lastingExample: '', foreign: 1, foreignExample: key };
    const [found = ''] = said('foreign-keys', { address: 'a:1', keys });
    expect(found).toContain('"\\u001b[2Jxxx');
    expect(found).toMatch(/x…"$/);
    expect(found).not.toContain('\u001B');
  });
});

describe('a cluster', () => {
  const member = (id: string, more: Partial<Member> = {}): Member => ({
    id,
    address: `${id}:1`,
    hostname: '',
    flags: new Set(['master']),
    primary: undefined,
    slots: [],
    moving: 0,
    ...more,
  });
  const of = (...members: readonly Member[]): NodeFacts => ({ address: 'a:1', members });
  const even = [member('a', { slots: [[0, 5_460]] }), member('b', { slots: [[5_461, 10_921]] })];
  const third = member('c', { slots: [[10_922, 16_383]] });

  it('of eight nodes is too large', () => {
    const eight = 'abcdefgh'.split('').map((id) => member(id));
    expect(said('node-count', of(...eight))).toEqual(['warning 8 nodes']);
    expect(said('node-count', of(...eight.slice(1)))).toEqual(['ok']);
  });

  it('is balanced within a tenth', () => {
    expect(said('slot-balance', of(...even, third))).toEqual(['ok']);
    expect(said('slot-balance', of(...even))).toEqual(['ok']);
    const uneven = member('c', { slots: [[10_922, 12_000]] });
    expect(said('slot-balance', of(...even, uneven))).toEqual(['warning between 1079 and 5461 a primary']);
    expect(said('slot-coverage', of(...even, uneven))).toEqual(['critical 4383 are not']);
  });

  it('has no replica in one that has failed', () => {
    const replica = (flags: string) => member('d', { primary: 'c', flags: new Set(flags.split(',')) });
    const others = even.map(({ id }) => member(`of ${id}`, { primary: id, flags: new Set(['slave']) }));
    expect(said('replication-factor', of(...even, third, ...others, replica('slave')))).toEqual(['ok']);
    const found = said('replication-factor', of(...even, third, ...others, replica('slave,fail')));
    expect(found).toEqual(['warning none: c:1']);
  });
});
