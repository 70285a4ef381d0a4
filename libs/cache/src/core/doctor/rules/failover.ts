import { numberAt } from '../facts.js';
import { ofClusterSetting, ofRole, type Rule } from '../rule.js';

const SHORTEST_MS = 1_000;
const LONGEST_MS = 15_000;

export const FAILOVER: readonly Rule[] = [
  ofClusterSetting(
    {
      id: 'node-timeout',
      setting: 'cluster-node-timeout',
      standard: `cluster-node-timeout between ${SHORTEST_MS} and ${LONGEST_MS} ms`,
      why: 'so long a dead primary is waited for; below a second a pause of the machine counts as a death.',
    },
    (value) => {
      if (Number(value) >= SHORTEST_MS && Number(value) <= LONGEST_MS) return 'fits';
      return { severity: 'warning', found: `${value} ms`, mend: 'CONFIG SET cluster-node-timeout 5000' };
    },
  ),
  ofClusterSetting(
    {
      id: 'full-coverage',
      setting: 'cluster-require-full-coverage',
      standard: 'cluster-require-full-coverage no',
      why: 'with yes, one lost shard stops all the others.',
    },
    (value) => {
      if (value === 'no') return 'fits';
      return { severity: 'warning', found: value, mend: 'CONFIG SET cluster-require-full-coverage no' };
    },
  ),
  ofClusterSetting(
    {
      id: 'no-failover',
      setting: 'cluster-replica-no-failover',
      standard: 'cluster-replica-no-failover no',
      why: 'a replica that may not take over leaves its slots unserved.',
    },
    (value) => {
      if (value === 'no') return 'fits';
      return { severity: 'warning', found: value, mend: 'CONFIG SET cluster-replica-no-failover no' };
    },
  ),
  ofRole(
    'primary',
    {
      id: 'min-replicas',
      standard: 'no more replicas are asked for by min-replicas-to-write than there are',
      why: 'every write is refused with NOREPLICAS. It does not keep a resumed primary from granting locks either.',
      asks: 'CONFIG GET',
    },
    ({ config, info }) => {
      const least = numberAt(config, 'min-replicas-to-write');
      const there = numberAt(info, 'min_slaves_good_slaves') ?? numberAt(info, 'connected_slaves');
      if (config === undefined || (least !== undefined && least > 0 && there === undefined)) return 'unknown';
      if (least === undefined || there === undefined || least <= there) return 'fits';
      return {
        severity: 'critical',
        found: `${least} asked for, ${there} there`,
        mend: 'CONFIG SET min-replicas-to-write 0, or start the replicas',
      };
    },
  ),
];
