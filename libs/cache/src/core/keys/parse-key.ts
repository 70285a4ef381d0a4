import { cutKey } from './finished-key.js';

/** One value in a key: text, or undefined where a `{…?}` hole had none. */
export type KeyText = string | undefined;

/** A finished key, read back. */
export type ParsedKey =
  | {
      /** Application data. */
      readonly root: 'app';
      /** Undefined in a short key: the service it is used in. */
      readonly service: string | undefined;
      readonly entity: string;
      /** The pieces between the commas of the id, decoded. */
      readonly id: readonly KeyText[];
      readonly field: readonly KeyText[] | undefined;
    }
  | {
      /** `mesh`: retry and discovery; `coord`: locks, limits, leases. */
      readonly root: 'mesh' | 'coord';
      readonly service: string;
      readonly type: string;
      readonly identifier: readonly KeyText[];
    };

/**
 * Reads a finished key, short or full, and decodes its values; for logs and tools.
 * @example parseKey('app:lake:user:a%20b,%-') // { root: 'app', service: 'lake', entity: 'user', id: ['a b', undefined], field: undefined }
 * @throws {CacheKeyError} `KEY_GRAMMAR` when the text is no key.
 */
export function parseKey(key: string): ParsedKey {
  const { root, service, segments } = cutKey(key);
  const [first = '', id = '', field] = segments;
  if (root === 'app') {
    return { root, service, entity: first, id: decode(id), field: field === undefined ? undefined : decode(field) };
  }
  return { root, service: service ?? '', type: first, identifier: segments.slice(1).flatMap(decode) };
}

function decode(segment: string): readonly KeyText[] {
  return segment
    .split(',')
    .map((piece) => (piece === '%-' ? undefined : decodeURIComponent(piece.replace(/%[_-]/, ''))));
}
