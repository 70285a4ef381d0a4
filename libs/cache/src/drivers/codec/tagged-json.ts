import type { Codec } from '../../core/entry/codec.js';
import { CacheSerializationError } from '../../core/errors.js';
import { fromTagged, toTagged } from './tagged-json-form.js';
import { scanJson } from './tagged-json-scan.js';

const encoder = new TextEncoder();

/** JSON with tags. Carries every kept value, at two to three times the bytes and time of MessagePack. */
export class TaggedJsonCodec implements Codec {
  readonly id = 2;

  encode(value: unknown): Uint8Array {
    // Lone surrogates leave JSON.stringify escaped (ES2019), so that UTF-8 has nothing to replace.
    return encoder.encode(JSON.stringify(toTagged(value)));
  }

  decode(bytes: Uint8Array): unknown {
    try {
      scanJson(bytes);
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      return fromTagged(JSON.parse(text));
    } catch (cause) {
      throw new CacheSerializationError('These bytes are not tagged JSON as this codec writes it.', '$', { cause });
    }
  }
}
