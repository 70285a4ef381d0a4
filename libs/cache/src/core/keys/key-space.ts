import { CacheConfigError, CacheKeyError } from '../errors.js';
import { MAX_KEY_BYTES, show } from './escape.js';
import { cutKey } from './finished-key.js';
import { type KeyTemplate, parseTemplate } from './template.js';

const SERVICE = /^[\w.~,-]+$/;
/** A short key that needs no second look. */
const PLAIN_SHORT = /^(?!(?:app|mesh|coord):)[\w.~,-]+:[\w.~,-]+(?::[\w.~,-]+)?$/;

/**
 * The keys of one service. Inside the library a key is known by its id: of our own service without
 * `app:{service}:` in front (`product:1`), of a foreign one in full (`app:other:product:1`), so that one logical key
 * has one id however it was written.
 */
export class KeySpace {
  readonly #prefix: string;
  readonly #foreign: ReadonlySet<string>;
  /** Longest id of our own. */
  readonly #longest: number;

  /** @throws {CacheConfigError} for a name that is no literal segment. */
  constructor(
    readonly service: string,
    foreignServices: readonly string[] = [],
  ) {
    for (const name of [service, ...foreignServices]) {
      if (typeof name !== 'string' || !SERVICE.test(name)) {
        throw new CacheConfigError(
          `service: ${show(name)} is no name for a service. Write one segment of A-Z a-z 0-9 _ . ~ - and ,`,
        );
      }
    }
    this.#prefix = `app:${service}:`;
    this.#foreign = new Set(foreignServices);
    this.#longest = MAX_KEY_BYTES - this.#prefix.length;
  }

  /**
   * The id of a finished key, short or full.
   * @throws {CacheKeyError} `KEY_GRAMMAR` for other text or an unknown service, `KEY_TOO_LONG` for over 512 bytes.
   */
  normalize(key: string): string {
    if (PLAIN_SHORT.test(key) && key.length <= this.#longest) return key;
    const { root, service } = cutKey(key);
    if (root !== 'app') {
      throw new CacheKeyError('KEY_GRAMMAR', `key ${show(key)}: '${root}:' is kept for the cache's own use`, { key });
    }
    return this.fit(service === undefined ? key : this.#adopt(key, service));
  }

  /**
   * A template as ids are built from it: our own service's prefix taken off.
   * @throws {CacheKeyError} `KEY_GRAMMAR` as `parseTemplate`, and for an unknown service.
   */
  template(source: string): KeyTemplate {
    const template = parseTemplate(source);
    if (template.service === undefined) return template;
    this.#adopt(source, template.service);
    if (template.service !== this.service) return template;
    const cut = this.#prefix.length;
    return { ...template, head: template.head.slice(cut), shape: template.shape.slice(cut) };
  }

  /**
   * The id itself, once its full key is known to be short enough.
   * @throws {CacheKeyError} `KEY_TOO_LONG`; a key is never cut.
   */
  fit(id: string): string {
    if (id.length <= this.#longest) return id;
    const key = this.full(id);
    if (key.length <= MAX_KEY_BYTES) return id;
    throw new CacheKeyError(
      'KEY_TOO_LONG',
      `key ${show(key)} is ${key.length} bytes long, at most ${MAX_KEY_BYTES} are allowed: put a hash of the long part into it, stableHash(value)`,
      { key },
    );
  }

  /** The full key of an id, for errors, events and layers beyond this process. */
  full(id: string): string {
    return id.startsWith('app:') ? id : this.#prefix + id;
  }

  /** The entity of an id: `product`. */
  entity(id: string): string {
    const start = id.startsWith('app:') ? id.indexOf(':', 4) + 1 : 0;
    return id.slice(start, id.indexOf(':', start));
  }

  /** The id of a full key or the source of a full template, if its service is one we may name. */
  #adopt(full: string, service: string): string {
    if (service === this.service) return full.slice(this.#prefix.length);
    if (this.#foreign.has(service)) return full;
    throw new CacheKeyError(
      'KEY_GRAMMAR',
      `key ${show(full)}: '${service}' is neither this service ('${this.service}') nor one of foreignServices`,
      { key: full },
    );
  }
}
