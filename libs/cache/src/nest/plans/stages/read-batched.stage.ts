import { Batched } from '../../../core/cache/batched.js';
import { BulkAnswers } from '../../../core/cache/bulk-answers.js';
import type { BulkRun } from '../../../core/cache/bulk-load.js';
import type { BatchLoad } from '../../../core/cache/policy.js';
import { CacheConfigError } from '../../../core/errors.js';
import { shown } from '../../../core/shared/shown.js';
import { requestTicks } from '../../context/ticks.js';
import { isOverridden } from '../../services/datapunk-cache.service.js';
import { callRules } from '../call-rules.js';
import { bindKey } from '../key-binder.js';
import { withLevel } from '../levels.js';
import type { ReadPlan } from '../method-plan.js';
import { isNeverCompared } from '../never-compared.js';
import type { Site, Stage } from '../stage.js';
import { tagNames, type TagNames } from '../tag-names.js';
import { noneYet } from './read-through.stage.js';

/** One read: the text of its key, and what the method was called with. */
interface Read {
  readonly text: string;
  readonly args: unknown[];
}

type Batch = (self: object, ids: unknown[]) => unknown;

/** How what is missing is loaded. */
interface Source extends Pick<Site, 'origin' | 'next'> {
  readonly scope: Site['parts']['cache']['parts']['scope'];
  readonly batch: Batch;
  readonly textOf: (id: unknown) => string;
  readonly tags: TagNames | undefined;
}

/**
 * Answers from the cache; what the reads of one tick miss is loaded together. What has no key, or is more than an id,
 * is read `alone`.
 */
export function readBatchedStage(read: ReadPlan, site: Site, alone: Stage): Stage {
  const { origin, parts, next } = site;
  const { cache, service } = parts;
  const key = bindKey(read.key, parts);
  const tags = tagNames(read.options.tags, parts.holes, origin);
  const options = { ...withLevel(read.options, site.plan), tags: tags && noneYet };
  const call = { options, where: `@ReadThrough on ${origin}`, origin, neverCompared: isNeverCompared(site) };
  const rulesOf = callRules(key, cache.parts.rules, call);
  const { scope } = cache.parts;
  const source = { scope, batch: batchOf(read, site), textOf: (id: unknown) => key.id([id]), tags, origin, next };
  const readers = new WeakMap<object, Batched<Read>>();

  const readerOf = (self: object): Batched<Read> => {
    const known = readers.get(self);
    if (known !== undefined) return known;
    const load = async (missing: readonly Read[], run: BulkRun) => answersOf(source, self, { missing, run });
    const reader = new Batched<Read>(cache, { rulesOf, load }, requestTicks);
    readers.set(self, reader);
    return reader;
  };

  return (self, args) => {
    if (args.length !== 1 || isOverridden(service, 'readThrough')) return alone(self, args);
    let text: string;
    try {
      text = key.id(args);
    } catch {
      return alone(self, args);
    }
    return readerOf(self).read(text, { text, args });
  };
}

/** @throws {CacheConfigError} for what is no function, and on a method of more than an id. */
function batchOf({ options: { batch } }: ReadPlan, { plan, origin }: Site): Batch {
  if (typeof batch !== 'function') {
    throw new CacheConfigError(
      `${origin}: batch: ${shown(batch)} is no function. Write { batch: (self: TheClass, ids: number[]) => self.findByIds(ids) }.`,
    );
  }
  if (plan.original.length < 2) return batch as BatchLoad as Batch;
  throw new CacheConfigError(
    `${origin}: { batch } is for methods of one parameter, the id, and this one has ${plan.original.length}: a batch would know the first alone.`,
  );
}

interface Missing {
  readonly missing: readonly Read[];
  readonly run: BulkRun;
}

/** By the texts of the keys. What is missing alone the method itself loads. */
async function answersOf(source: Source, self: object, { missing, run }: Missing) {
  const { tags } = source;
  const reads = [...new Map(missing.map((read) => [read.text, read])).values()];
  // What cannot be built from the arguments fails the reads before anything is loaded.
  const early = tags?.isEarly === true ? missing.map(({ args }) => tags.of(args)) : undefined;
  const [first] = reads;
  const values =
    first !== undefined && reads.length === 1
      ? new Map([[first.text, await aloneOf(source, self, { first, run })]])
      : await valuesOf(source, self, reads);
  if (tags !== undefined) {
    for (const [at, { text, args }] of missing.entries()) {
      run.of(at)?.tags(...(early?.[at] ?? tags.of(args, values.get(text) ?? undefined)));
    }
  }
  return { of: (_read: Read, text: string): unknown => values.get(text) };
}

/** The method, which sees a load of its own key. */
function aloneOf({ scope, next }: Source, self: object, { first, run }: { first: Read; run: BulkRun }): unknown {
  const work = (): unknown => next(self, first.args);
  const own = run.of(0);
  return own === undefined ? work() : scope.run({ flight: run, isMethod: true }, own, work);
}

async function valuesOf({ batch, textOf, origin }: Source, self: object, reads: readonly Read[]) {
  const ids = reads.map(({ args: [id] }) => id);
  const answers = new BulkAnswers(await batch(self, ids), textOf, `${origin}: batch gave`);
  return new Map(reads.map(({ text, args: [id] }) => [text, answers.of(id, text)]));
}
