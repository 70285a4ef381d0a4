import { answering } from '../facts.js';
import { ofNode, type Rule } from '../rule.js';

/** The first release of each line with the fixes of CVE-2025-49844, 46817, 46818 and 46819; later lines have them. */
const FIXED: readonly (readonly [major: number, minor: number, patch: number])[] = [
  [6, 2, 20],
  [7, 2, 11],
  [7, 4, 6],
  [8, 0, 4],
  [8, 2, 2],
];

/** `false`: its line has no fix, or a later one. */
function isFixed(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  const line = FIXED.find(([a, b]) => a === major && b === minor);
  if (line !== undefined) return patch >= line[2];
  const [last = 0, lastMinor = 0] = FIXED.at(-1) ?? [];
  return major > last || (major === last && minor > lastMinor);
}

export const VERSION: readonly Rule[] = [
  ofNode(
    {
      id: 'version-floor',
      standard: `a version with the Lua fixes of 2025: ${FIXED.map((parts) => parts.join('.')).join(', ')} or later`,
      why: 'whoever may run a script can leave it and run code on the server (CVE-2025-49844).',
      asks: 'INFO server',
    },
    ({ info }) => {
      const version = info?.get('redis_version');
      // Others, such as Valkey, say the version of Redis they are compatible with, and count their own.
      if (version === undefined || (info?.get('server_name') ?? 'redis') !== 'redis') return 'unknown';
      if (isFixed(version)) return 'fits';
      return { severity: 'warning', found: version, mend: 'install a later release; until then let no one else EVAL' };
    },
  ),
  {
    id: 'version-mixed',
    standard: 'all nodes run one version',
    why: 'after a failover the cache is on the older one, half-way through an upgrade that was forgotten.',
    asks: 'INFO server',
    judge: (facts) => {
      const said = answering(facts).flatMap(({ info }) => info?.get('redis_version') ?? []);
      if (said.length === 0) return answering(facts).length === 0 ? [] : [{ verdict: 'unknown' }];
      const versions = [...new Set(said)].toSorted();
      if (versions.length === 1) return [{ verdict: 'fits' }];
      return [{ verdict: { severity: 'note', found: versions.join(', '), mend: 'finish the upgrade' } }];
    },
  },
];
