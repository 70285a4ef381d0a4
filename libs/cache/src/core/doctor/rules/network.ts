import { ofSetting, type Rule } from '../rule.js';

/** What a subscriber may leave unread: 8 MB for a minute is the default of Redis. */
const LEAST_PUBSUB = 8 * 1024 * 1024;

const LOOPBACK = /^-?(?:127\.|::1$|localhost$)/;

/** Whether somebody on another machine may connect. */
const isOpen = (bind: string): boolean => bind === '' || bind.split(' ').some((address) => !LOOPBACK.test(address));

export const NETWORK: readonly Rule[] = [
  ofSetting(
    {
      id: 'idle-timeout',
      setting: 'timeout',
      standard: 'timeout 0: idle connections stay',
      why: 'a connection that was closed while idle is missing, with its handshake, when it is needed.',
    },
    (value) => {
      if (value === '0') return 'fits';
      return { severity: 'warning', found: `${value} s`, mend: 'CONFIG SET timeout 0' };
    },
  ),
  ofSetting(
    {
      id: 'keep-alive',
      setting: 'tcp-keepalive',
      standard: 'tcp-keepalive is on',
      why: 'connections of machines that are gone are kept, and count against maxclients.',
    },
    (value) => {
      if (value !== '0') return 'fits';
      return { severity: 'note', found: 'tcp-keepalive 0', mend: 'CONFIG SET tcp-keepalive 300' };
    },
  ),
  ofSetting(
    {
      id: 'subscriber-buffer',
      setting: 'client-output-buffer-limit',
      standard: 'a subscriber may have 8 MB unread',
      why: 'one that is cut off misses notices: its memory is doubted, and everything in it looked at anew.',
    },
    (value) => {
      const [, hard = '0', soft = '0'] = /pubsub (\d+) (\d+)/.exec(value) ?? [];
      const isSmall = [hard, soft].some((bytes) => bytes !== '0' && Number(bytes) < LEAST_PUBSUB);
      if (!isSmall) return 'fits';
      const mend = 'CONFIG SET client-output-buffer-limit "pubsub 33554432 8388608 60"';
      return { severity: 'warning', found: `pubsub ${hard} ${soft}`, mend };
    },
  ),
  ofSetting(
    {
      id: 'keyspace-events',
      setting: 'notify-keyspace-events',
      standard: 'no keyspace events: the bus tells of changes',
      why: 'every change is published once more, for nobody of ours.',
    },
    (value) => {
      if (value === '') return 'fits';
      return { severity: 'note', found: value, mend: 'CONFIG SET notify-keyspace-events ""' };
    },
  ),
  ofSetting(
    {
      id: 'open-door',
      setting: 'protected-mode',
      standard: 'a password or an ACL, or nobody else in the network',
      why: 'who reaches the port reads and changes everything. A network of its own is a guard that Redis does not see.',
    },
    (value, config) => {
      const isGuarded = value === 'yes' || config.get('requirepass') !== '' || !isOpen(config.get('bind') ?? '');
      if (isGuarded || (config.get('aclfile') ?? '') !== '') return 'fits';
      const mend = 'CONFIG SET requirepass …, or an ACL; or protected-mode yes where nobody else needs in';
      return { severity: 'note', found: 'protected-mode no, without a password', mend };
    },
  ),
];
