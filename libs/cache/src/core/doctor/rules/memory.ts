import { numberAt } from '../facts.js';
import { ofNode, type Rule } from '../rule.js';

const SHARE = 0.75;
const WARN_AT = 0.75;
const CRITICAL_AT = 0.9;
const WORST_FRAGMENTATION = 1.5;
/** Below it, fragmentation is the server itself. */
const LARGE = 100 * 1024 * 1024;

const percent = (share: number): string => `${Math.floor(share * 100)} %`;

export const MEMORY: readonly Rule[] = [
  ofNode(
    {
      id: 'memory-limit',
      standard: 'maxmemory is set',
      why: 'without it nothing is evicted, and the machine ends the server when its memory is full.',
      asks: 'INFO memory',
    },
    ({ info, config }) => {
      const limit = numberAt(info, 'maxmemory') ?? numberAt(config, 'maxmemory');
      if (limit === undefined) return 'unknown';
      return limit > 0
        ? 'fits'
        : { severity: 'warning', found: 'maxmemory 0', mend: 'CONFIG SET maxmemory <75 % of the memory>' };
    },
  ),
  ofNode(
    {
      id: 'memory-reserve',
      standard: 'maxmemory is at most 75 % of the memory of the host',
      why: 'the rest is for copies on write while a snapshot is made, for buffers and fragmentation.',
      asks: 'INFO memory',
    },
    ({ info }) => {
      const limit = numberAt(info, 'maxmemory');
      const host = numberAt(info, 'total_system_memory');
      if (limit === undefined || host === undefined || host === 0) return 'unknown';
      if (limit <= host * SHARE) return 'fits';
      const mend = `CONFIG SET maxmemory ${Math.floor(host * SHARE)}`;
      return { severity: 'warning', found: `${percent(limit / host)} of it`, mend };
    },
  ),
  ofNode(
    {
      id: 'memory-fill',
      standard: 'warning at 75 % of maxmemory, critical at 90 %',
      why: 'a full server evicts what is still wanted, or refuses writes.',
      asks: 'INFO memory',
    },
    ({ info }) => {
      const used = numberAt(info, 'used_memory');
      const limit = numberAt(info, 'maxmemory');
      if (used === undefined || limit === undefined) return 'unknown';
      const fill = limit === 0 ? 0 : used / limit;
      if (fill <= WARN_AT) return 'fits';
      const mend = 'raise maxmemory, add a primary, or shorten lifetimes';
      return { severity: fill > CRITICAL_AT ? 'critical' : 'warning', found: `${percent(fill)} full`, mend };
    },
  ),
  ofNode(
    {
      id: 'fragmentation',
      standard: 'memory is not scattered (mem_fragmentation_ratio up to 1.5)',
      why: 'the server takes more of the machine than maxmemory says.',
      asks: 'INFO memory',
    },
    ({ info }) => {
      const ratio = numberAt(info, 'mem_fragmentation_ratio');
      const used = numberAt(info, 'used_memory');
      if (ratio === undefined || used === undefined) return 'unknown';
      if (used < LARGE || ratio <= WORST_FRAGMENTATION) return 'fits';
      return { severity: 'note', found: `${ratio}`, mend: 'CONFIG SET activedefrag yes' };
    },
  ),
];
