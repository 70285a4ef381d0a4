import type { Connection, Words } from '../../../core/doctor/facts.js';

/** The `name:value` lines of INFO and CLUSTER INFO. */
export function wordsOf(reply: unknown): Words {
  const lines = String(reply).split(/\r?\n/);
  return new Map(
    lines.flatMap((line): [string, string][] => {
      const colon = line.indexOf(':');
      return colon < 0 || line.startsWith('#') ? [] : [[line.slice(0, colon), line.slice(colon + 1)]];
    }),
  );
}

/** The names and values of CONFIG GET, which stand in turn. */
export function settingsOf(reply: unknown): Words {
  const list = Array.isArray(reply) ? reply.map(String) : [];
  return new Map(list.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, list[at + 1] ?? '']] : [])));
}

/** The lines of CLIENT LIST. */
export function connectionsOf(reply: unknown): readonly Connection[] {
  const lines = String(reply)
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => {
    const word = (name: string): string => new RegExp(`(?:^| )${name}=(\\S*)`).exec(line)?.[1] ?? '';
    return { host: word('addr').replace(/:\d+$/, ''), name: word('name'), flags: word('flags') };
  });
}
