import { CacheKeyError } from '../errors.js';
import { contextValue } from './context.js';
import type { Template } from './grammar.js';
import { type Holding, rememberHolding } from './holding.js';
import type { AnyKey, HoldsOptions, Key, KeyDefinition, KeyRef } from './key.js';
import { bindByName, bindByOrder } from './bind.js';
import { renderHole } from './render.js';
import { type KeyTemplate, parseTemplate } from './template.js';

/** The link from a reference to the definition that made it. Shared by copies of this package in one process. */
const DEFINITION = Symbol.for('@datapunk/cache:definition');

interface Linked {
  readonly [DEFINITION]?: { readonly definition: KeyDefinition; readonly holding: Holding };
}

/**
 * Defines a key once, for its readers, writers and evictors: `entity:{id}` or `entity:{id}:{field}`, holes named,
 * several in one segment separated by commas. `{page?}` admits absence, `{@tenant}` comes from the request.
 *
 * @example
 * const productKey = defineKey('product:{id}').holds<Product>();
 * productKey({ id: 7 }); // 'product:7', for the services
 * class Products { @ReadThrough(productKey) find(id: number): Promise<Product | null> { … } } // {id} is the first parameter
 * class Shop { @Evict(productKey.at({ id: '0.id' })) sold(product: Product): Promise<void> { … } } // a property of it
 * @throws {CacheKeyError} `KEY_GRAMMAR` for a template outside the grammar.
 */
export function defineKey<const T extends string>(template: Template<T, 'name'>): KeyDefinition<T>;
export function defineKey(template: string): KeyDefinition {
  return define(parseTemplate(template, 'name'), {});
}

/**
 * The definition a reference comes from: itself, or the one `.at()` was called on. `.holds()` starts a definition of
 * its own, because it says something else about the same keys. Undefined for templates and functions.
 */
export function definitionOf(ref: unknown): KeyDefinition | undefined {
  return linkOf(ref)?.definition;
}

/** What the definition behind a reference says of its values. */
export function holdingOf(ref: unknown): Holding {
  return linkOf(ref)?.holding ?? {};
}

/** Whether a decorator's key is a template with places, as opposed to a function of the arguments. */
export function isKeyRef(key: AnyKey): key is KeyRef {
  return typeof key !== 'string' && 'template' in key;
}

function linkOf(ref: unknown): Linked[typeof DEFINITION] {
  const linkable = typeof ref === 'function' || (typeof ref === 'object' && ref !== null);
  return linkable ? (ref as Linked)[DEFINITION] : undefined;
}

function define(template: KeyTemplate, holding: Holding): KeyDefinition {
  const names = new Set(template.holes.flatMap(({ place }) => (place.from === 'named' ? [place.name] : [])));
  const definition: KeyDefinition = Object.assign((parts: Values = {}): Key => build(template, names, parts), {
    template: bindByOrder(template),
    holds: <W>(options: HoldsOptions<W> = {}) => define(template, options) as KeyDefinition<string, W>,
    at: (places: unknown) => link({ template: bindByName(template, names, places) }),
  });
  const link = <R extends object>(ref: R): R =>
    Object.freeze(Object.defineProperty(ref, DEFINITION, { value: { definition, holding } }));
  rememberHolding(template, holding);
  return link(definition);
}

type Values = Readonly<Record<string, unknown>>;

function build(template: KeyTemplate, names: ReadonlySet<string>, parts: Values): string {
  let key = template.head;
  for (const hole of template.holes) {
    const { place } = hole;
    const value =
      place.from === 'context' ? contextValue(place.name) : place.from === 'named' ? parts[place.name] : undefined;
    key += renderHole(hole, value) + hole.after;
  }
  for (const name in parts) if (!names.has(name)) throw unknownPart(template, names, name);
  return key;
}

function unknownPart(template: KeyTemplate, names: ReadonlySet<string>, name: string): CacheKeyError {
  const known = names.size === 0 ? 'takes no parts' : `takes ${[...names].join(', ')}`;
  return new CacheKeyError('KEY_VALUE', `'${template.source}' has no hole {${name}}: it ${known}`);
}
