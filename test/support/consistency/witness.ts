import { NOTHING, type Content, type Operation } from './operation.js';
import type { Violation } from './verdict.js';

/** Where the history began, or an operation that never ended, has no time. */
const at = (time: number, from: number): string => (Number.isFinite(time) ? (time - from).toFixed(3) : '');

const shown = (content: Content): string => (content === NOTHING ? 'nothing' : JSON.stringify(content));

function said(one: Operation): string {
  const suffix = one.outcome === 'ok' ? '' : one.outcome === 'failed' ? ' (failed)' : ' (unknown)';
  switch (one.kind) {
    case 'read':
      return `reads ${shown(one.content)}${suffix}`;
    case 'write':
      return `writes ${shown(one.content)}${suffix}`;
    case 'delete':
      return one.call === -Infinity ? 'is nothing' : `deletes${suffix}`;
    case 'compare-and-set': {
      const answer = one.outcome !== 'ok' ? suffix : one.swapped ? ' (done)' : ' (refused)';
      return `sets ${shown(one.content)} for ${shown(one.expected)}${answer}`;
    }
  }
}

/** One line an operation, drawn in the order of all beginnings and ends: what does not overlap was not concurrent. */
function lines(proof: readonly Operation[]): string[] {
  const times = [...new Set(proof.flatMap((one) => [one.call, one.return]))].toSorted((a, b) => a - b);
  const from = times.find(Number.isFinite) ?? 0;
  const rank = new Map(times.map((time, place) => [time, place]));
  const bar = (one: Operation): string => {
    const [left, right] = [rank.get(one.call) ?? 0, rank.get(one.return) ?? 0];
    const line = left === right ? '|' : `[${'='.repeat(2 * (right - left) - 1)}${one.return === Infinity ? '>' : ']'}`;
    return `${'  '.repeat(left)}${line}`.padEnd(2 * times.length);
  };
  const span = (one: Operation): string => `${at(one.call, from)} … ${at(one.return, from)}`;
  const widest = Math.max(...proof.map((one) => span(one).length));
  return proof.map((one) => `  ${bar(one)} ${span(one).padEnd(widest)}  ${one.client} ${said(one)}`);
}

/** What proves a violation, for people: who saw what, in which order. Times are those of the history's clock. */
export function printWitness({ kind, key, proof, because }: Violation): string {
  return [`${key}: ${kind}`, ...lines(proof), `  ${because}`].join('\n');
}
