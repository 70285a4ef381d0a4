import { Decoder, Encoder, type ExtData, type ExtensionCodecType } from '@msgpack/msgpack';
import type { Codec } from '../../core/entry/codec.js';
import { DEEPEST } from '../../core/entry/limits.js';
import { CacheSerializationError } from '../../core/errors.js';
import { readExtension, UNDEFINED } from './message-pack-extensions.js';
import { scanMessagePack } from './message-pack-scan.js';
import { toWire } from './message-pack-wire.js';

/** An encoder keeps the largest buffer it ever needed: past this it is replaced. */
const KEPT_BYTES = 1024 * 1024;

const extensionCodec: ExtensionCodecType<undefined> = {
  // Everything that needs an extension is one already.
  tryToEncode: (value) => (isExtension(value) ? value : null),
  decode: (data, type) => readExtension(data, type, decodeItems),
};

function isExtension(value: unknown): value is ExtData {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === EXTENSION_PROTOTYPE;
}

const EXTENSION_PROTOTYPE: unknown = Object.getPrototypeOf(UNDEFINED);

/** It makes another of itself where an extension asks it to decode while it decodes. */
const decoder = new Decoder({ extensionCodec });

function decode(bytes: Uint8Array): unknown {
  return decoder.decode(bytes);
}

function decodeItems(bytes: Uint8Array): readonly unknown[] {
  const items = decode(bytes);
  if (!Array.isArray(items)) throw new RangeError('Not a list.');
  return items;
}

/** MessagePack. Declines the few values that it would change (`toWire` names them): the tagged JSON codec takes those. */
export class MessagePackCodec implements Codec {
  readonly id = 1;
  private encoder = newEncoder();

  encode(value: unknown): Uint8Array | undefined {
    const wire = toWire(value, (items) => this.write(items));
    return wire === undefined ? undefined : this.write(wire);
  }

  decode(bytes: Uint8Array): unknown {
    try {
      scanMessagePack(bytes);
      return decode(bytes);
    } catch (cause) {
      throw new CacheSerializationError('These bytes are not MessagePack as this codec writes it.', '$', { cause });
    }
  }

  private write(wire: unknown): Uint8Array {
    const bytes = this.encoder.encode(wire);
    if (bytes.byteLength > KEPT_BYTES) this.encoder = newEncoder();
    return bytes;
  }
}

function newEncoder(): Encoder {
  return new Encoder({ extensionCodec, maxDepth: DEEPEST + 2 });
}
