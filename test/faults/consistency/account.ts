import type { Violation } from '../../support/consistency/verdict.js';
import { printWitness } from '../../support/consistency/witness.js';
import type { RoundResult } from './ground.js';
import type { Struck } from './nemesis.js';

/** What rounds have come to, for people and for a document. */
export interface Account {
  readonly seed: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly operations: number;
  readonly ok: number;
  readonly rejected: number;
  readonly unknown: number;
  readonly events: number;
  /** How often each kind of fault happened, and how long everything took to be well after it at most, ms. */
  readonly kinds: Readonly<Record<string, { readonly events: number; readonly wellMs: number }>>;
  readonly keys: number;
  readonly violations: number;
  readonly plain: { readonly reads: number; readonly violations: number };
}

export function accountOf(seed: number, results: readonly RoundResult[]): Account {
  const sum = (of: (one: RoundResult) => number): number => results.reduce((all, one) => all + of(one), 0);
  const struck = results.flatMap((one) => one.struck);
  return {
    seed,
    rounds: results.length,
    seconds: Math.round(sum(({ ms }) => ms) / 1_000),
    operations: sum(({ operations }) => operations),
    ok: sum(({ outcomes }) => outcomes.ok),
    rejected: sum(({ outcomes }) => outcomes.failed),
    unknown: sum(({ outcomes }) => outcomes.unknown),
    events: struck.length,
    kinds: byKind(struck),
    keys: sum(({ keys }) => keys),
    violations: sum(({ violations }) => violations.length),
    plain: { reads: sum(({ plain }) => plain.reads), violations: sum(({ plain }) => plain.violations.length) },
  };
}

function byKind(struck: readonly Struck[]): Account['kinds'] {
  const kinds: Record<string, { events: number; wellMs: number }> = {};
  for (const { kind, over, well } of struck) {
    const known = kinds[kind] ?? { events: 0, wellMs: 0 };
    kinds[kind] = { events: known.events + 1, wellMs: Math.max(known.wellMs, Math.round(well - over)) };
  }
  return kinds;
}

/** A violation, and the faults during which it came about. */
export function explain(violation: Violation, struck: readonly Struck[]): string {
  const times = violation.proof.flatMap(({ call, return: end }) => [call, end]).filter(Number.isFinite);
  const [from, to] = [Math.min(...times), Math.max(...times)];
  const during = struck.filter(({ began, well }) => began < to && from < well).map(({ kind }) => kind);
  return `${printWitness(violation)}\n  during: ${during.join(', ') || 'no fault'}`;
}
