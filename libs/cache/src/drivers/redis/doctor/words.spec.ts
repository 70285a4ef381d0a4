import { describe, expect, it } from 'vitest';
import { membersOf } from './members.js';
import { connectionsOf, settingsOf, wordsOf } from './words.js';

describe('what servers say', () => {
  it('of themselves is read line by line', () => {
    const words = wordsOf('# Memory\r\nused_memory:7\r\nslave0:ip=::1,port=2\r\n\r\n');
    expect([...words]).toEqual([
      ['used_memory', '7'],
      ['slave0', 'ip=::1,port=2'],
    ]);
  });

  it('of their settings is read in pairs', () => {
    expect([...settingsOf(['save', '', 'timeout', '0'])]).toEqual([
      ['save', ''],
      ['timeout', '0'],
    ]);
  });

  it('of their clients is read with the host alone, of IPv6 too', () => {
    const text = 'id=1 addr=10.0.0.1:5 laddr=x fd=8 name=shop flags=N db=0\nid=2 addr=[::1]:6 name= flags=r db=0\n';
    expect(connectionsOf(text)).toEqual([
      { host: '10.0.0.1', name: 'shop', flags: 'N' },
      { host: '[::1]', name: '', flags: 'r' },
    ]);
  });

  it('of the cluster is read with ranges, single slots and those that move', () => {
    const [first, second, third] = membersOf(
      [
        'aa 10.0.0.1:7000@17000,host myself,master - 0 0 1 connected 0-5 9 [7->-bb] [8-<-cc]',
        'bb 10.0.0.2:7000@17000,,shard-id=77 slave aa 0 0 1 connected',
        'cc :0@0 master,noaddr - 0 0 1 disconnected',
        '',
      ].join('\n'),
    );
    expect(first).toMatchObject({
      address: '10.0.0.1:7000',
      hostname: 'host',
      primary: undefined,
      moving: 2,
      slots: [
        [0, 5],
        [9, 9],
      ],
    });
    expect(second).toMatchObject({ address: '10.0.0.2:7000', hostname: '', primary: 'aa', slots: [] });
    expect([third?.address, third?.flags.has('noaddr')]).toEqual(['', true]);
  });
});
