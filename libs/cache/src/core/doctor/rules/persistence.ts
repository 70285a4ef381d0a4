import { ofNode, ofSetting, type Rule } from '../rule.js';

/** 15 minutes, s. */
const INTERVAL_S = 900;

export const PERSISTENCE: readonly Rule[] = [
  ofSetting(
    {
      id: 'snapshots',
      setting: 'save',
      standard: 'RDB every 15 minutes (save 900 1)',
      why: 'a node without a snapshot comes back empty, and all its values are loaded from their sources at once.',
    },
    (value) => {
      const mend = 'CONFIG SET save "900 1"';
      if (value === '') return { severity: 'warning', found: 'none', mend };
      const pairs = value.split(' ').map(Number);
      const isOften = pairs.some((seconds, at) => at % 2 === 0 && seconds <= INTERVAL_S);
      const isSure = pairs.some((seconds, at) => at % 2 === 0 && seconds <= INTERVAL_S && (pairs[at + 1] ?? 0) <= 1);
      if (isSure) return 'fits';
      const found = isOften ? `save ${value}: not of a few changes` : `save ${value}: seldom`;
      return { severity: 'warning', found, mend };
    },
  ),
  ofNode(
    {
      id: 'snapshot-failed',
      standard: 'the last snapshot was written',
      why: 'with stop-writes-on-bgsave-error, the default, the server takes no more writes.',
      asks: 'INFO persistence',
    },
    ({ info }) => {
      const status = info?.get('rdb_last_bgsave_status');
      if (status === undefined) return 'unknown';
      if (status === 'ok') return 'fits';
      const mend = 'see the log, the space and the rights of CONFIG GET dir; then BGSAVE';
      return { severity: 'critical', found: `rdb_last_bgsave_status:${status}`, mend };
    },
  ),
  ofSetting(
    {
      id: 'append-only-file',
      setting: 'appendonly',
      standard: 'no append-only file',
      why: 'a cache can be filled again. With appendfsync always every write waits for the disk.',
    },
    (value, config) => {
      if (value === 'no') return 'fits';
      const fsync = config.get('appendfsync') ?? '';
      const found = `appendonly yes, appendfsync ${fsync}`;
      return { severity: fsync === 'always' ? 'warning' : 'note', found, mend: 'CONFIG SET appendonly no' };
    },
  ),
];
