import { ofNode, type Rule, type Verdict } from '../rule.js';

/** What nothing works without. */
const NEEDED: readonly string[] = ['eval', 'evalsha', 'publish', 'subscribe', 'time', 'wait'];

/** What `forRoot({ redis: { tracking: true } })` needs. */
const TRACKING: readonly string[] = ['client|tracking', 'client|id'];

function judge(
  wanted: readonly string[],
  lacking: readonly string[] | undefined,
  severity: 'critical' | 'note',
): Verdict {
  if (lacking === undefined) return 'unknown';
  const missing = wanted.filter((name) => lacking.includes(name));
  if (missing.length === 0) return 'fits';
  const found = `unknown here: ${missing.map((name) => name.toUpperCase().replace('|', ' ')).join(', ')}`;
  return { severity, found, mend: 'take it out of rename-command and start the server anew' };
}

export const COMMANDS: readonly Rule[] = [
  ofNode(
    {
      id: 'commands',
      standard: 'scripts, messages, TIME and WAIT are there',
      why: 'every change of the cache is a script that publishes; strict calls and replicated locks wait for replicas.',
      asks: 'COMMAND INFO',
    },
    ({ lacking }) => judge(NEEDED, lacking, 'critical'),
  ),
  ofNode(
    {
      id: 'tracking',
      standard: 'CLIENT TRACKING is there, for keys that other programs write',
      why: 'without it their changes are noticed when the value’s time is over.',
      asks: 'COMMAND INFO',
    },
    ({ lacking }) => judge(TRACKING, lacking, 'note'),
  ),
];

/** What the server is asked whether it knows. */
export const ASKED: readonly string[] = [...NEEDED, ...TRACKING];
