import { Bulk } from '../../../core/cache/bulk.js';
import { BulkAnswers } from '../../../core/cache/bulk-answers.js';
import { BulkRun, type BulkLoad } from '../../../core/cache/bulk-load.js';
import type { CallReadOptions } from '../../../core/cache/policy.js';
import { CacheConfigError } from '../../../core/errors.js';
import type { Key } from '../../../core/keys/key.js';
import type { CacheService } from '../../services/cache.service.js';
import { isOverridden } from '../../services/datapunk-cache.service.js';
import { callRules } from '../call-rules.js';
import { withLevel } from '../levels.js';
import { bindList, type ListKey } from '../list-key.js';
import { manyResults, type ManyResults } from '../many-results.js';
import type { ReadPlan } from '../method-plan.js';
import { isNeverCompared } from '../never-compared.js';
import type { Site, Stage } from '../stage.js';
import { tagNames, type TagNames } from '../tag-names.js';
import { isRefusedValue, noneYet } from './read-through.stage.js';

/** One call, whose keys are known. */
interface Call {
  readonly self: object;
  readonly args: readonly unknown[];
  readonly ids: readonly unknown[];
  /** The keys of the ids, as the cache knows them. */
  readonly texts: readonly string[];
  /** The first item of each key. */
  readonly items: ReadonlyMap<string, unknown>;
  readonly textOf: (id: unknown) => string;
}

/** How the missing items of a call are loaded. */
interface Source extends Pick<Site, 'origin' | 'next'> {
  readonly key: ListKey;
  readonly fullKey: (id: string) => Key;
  readonly results: ManyResults;
  readonly tags: TagNames | undefined;
}

/** Answers from the cache key by key; the method is the loader, called with the list of those that are missing. */
export function readManyStage(read: ReadPlan, site: Site): Stage {
  const { origin, parts } = site;
  const { cache, service } = parts;
  const { rules, events } = cache.parts;
  const source = sourceOf(read, site);
  const { key, results, tags } = source;
  const { tags: _templates, by: _by, batch: _batch, ...options } = withLevel(read.options, site.plan);
  const call = { options: { ...options, tags: tags && noneYet }, where: `@ReadThrough on ${origin}`, origin };
  const rulesOf = callRules(key, rules, { ...call, neverCompared: isNeverCompared(site) });
  const bulk = new Bulk(cache);

  const valuesOf = async (asked: Call): Promise<ReadonlyMap<string, unknown>> => {
    const load = async (missing: readonly unknown[], run: BulkLoad) => answersOf(source, { asked, missing, run });
    if (!isOverridden(service, 'readThroughMany')) return bulk.read(asked.items, { rulesOf, load });
    return overridden(service, { source, asked, load, options });
  };

  return async (self, args) => {
    let asked: Call;
    try {
      asked = callOf(self, args, key);
    } catch (error) {
      if (!isRefusedValue(error)) throw error;
      events.emit({ type: 'uncached', method: origin, error });
      return uncached(source, self, args);
    }
    const values = await valuesOf(asked);
    return results.answer(asked.ids, (at) => values.get(asked.texts[at] ?? ''));
  };
}

interface OverriddenRead {
  readonly source: Source;
  readonly asked: Call;
  readonly load: (missing: readonly unknown[], run: BulkLoad) => Promise<BulkAnswers<unknown>>;
  readonly options: CallReadOptions;
}

/** An application's own service, or a spy, which knows ids alone. */
async function overridden(
  service: CacheService,
  { source, asked, load, options }: OverriddenRead,
): Promise<ReadonlyMap<string, unknown>> {
  const first = new Map([...asked.items].map(([text, item]) => [text, source.key.idOf(item)]));
  const textOf = new Map([...first].map(([text, id]) => [id, text]));
  const loadIds = async (missing: readonly unknown[], run: BulkLoad) => {
    const texts = missing.map((id) => textOf.get(id) ?? '');
    const missed = texts.map((text) => asked.items.get(text));
    const answers = await load(missed, run);
    return new Map(missing.map((id, at) => [id, answers.of(missed[at], texts[at] ?? '')]));
  };
  const keyOf = (id: unknown): Key => source.fullKey(textOf.get(id) ?? '');
  const given = await service.readThroughMany([...first.values()], keyOf, loadIds, options);
  return new Map([...first].map(([text, id]) => [text, given.get(id)]));
}

function sourceOf({ key, options }: ReadPlan, { origin, parts, next }: Site): Source {
  const tags = tagNames(options.tags, parts.holes, origin);
  if (tags?.isEarly === false && options.by === undefined) {
    throw new CacheConfigError(
      `${origin}: a tag with {result…} has no place in a Map. Return an array with { by: 'id' }, where {result.*.country} is of each item.`,
    );
  }
  const { keys } = parts.cache.parts;
  const fullKey = (id: string): Key => keys.full(id);
  return { key: bindList(key, parts), fullKey, results: manyResults(options.by, origin), tags, origin, next };
}

/** @throws {CacheKeyError} for an argument that is no list, and for a value that no key can hold. */
function callOf(self: object, args: readonly unknown[], key: ListKey): Call {
  const textOf = key.during(args);
  const list = key.listOf(args);
  const ids = list.map((item) => key.idOf(item));
  const texts = ids.map(textOf);
  const items = new Map<string, unknown>();
  for (const [at, text] of texts.entries()) if (!items.has(text)) items.set(text, list[at]);
  return { self, args, ids, texts, items, textOf };
}

interface Missing {
  readonly asked: Call;
  readonly missing: readonly unknown[];
  readonly run: BulkLoad;
}

async function answersOf(source: Source, { asked, missing, run }: Missing): Promise<BulkAnswers<unknown>> {
  const { key, results, tags, origin, next } = source;
  const { self, args, textOf } = asked;
  const of = (item: unknown, ...values: readonly unknown[]) => tags?.of(args.with(key.index, [item]), values) ?? [];
  // What cannot be built from the arguments fails the call before the method runs.
  const early = tags?.isEarly === true ? missing.map((item) => of(item)) : undefined;
  const given = results.byId(await next(self, args.with(key.index, missing)));
  const answers = new BulkAnswers(given, textOf, `${origin} gave`);
  if (tags === undefined) return answers;
  for (const [at, item] of missing.entries()) {
    const value = answers.of(key.idOf(item), textOf(key.idOf(item)));
    const load = run instanceof BulkRun ? run.of(at) : run;
    load?.tags(...(early?.[at] ?? (value === null ? of(item) : of(item, value))));
  }
  return answers;
}

/** What cannot be cached is loaded all the same, and answered in the order asked. */
async function uncached({ key, results, origin, next }: Source, self: object, args: unknown[]): Promise<unknown> {
  const given = await next(self, args);
  const list: unknown = args[key.index];
  if (!Array.isArray(list)) return given;
  const answers = new BulkAnswers<unknown>(results.byId(given), String, `${origin} gave`);
  const ids = list.map((item: unknown) => key.idOf(item));
  return results.answer(ids, (at) => answers.of(ids[at], String(ids[at])));
}
