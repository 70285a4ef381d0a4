import { CacheSerializationError } from '../errors.js';

/** Turns a kept value into bytes and back. What it is given comes from `snapshot()`; what it gives back equals it. */
export interface Codec {
  /** Written into every entry, 1 to 255. A number is never given to another format. */
  readonly id: number;
  /** Undefined: this codec cannot carry the value unchanged, ask another. */
  encode(value: unknown): Uint8Array | undefined;
  /**
   * Bounds depth and size against hostile bytes, gives no object a foreign prototype, keeps no reference to `bytes`.
   * @throws {CacheSerializationError} for bytes that `encode` does not write.
   */
  decode(bytes: Uint8Array): unknown;
}

/** The bytes of a value, and whose they are. */
export interface Encoded {
  readonly codec: number;
  readonly bytes: Uint8Array;
}

/** Codecs in order of preference. The first that carries a value writes it; the number in the entry says who reads it. */
export class Codecs {
  private readonly byId: ReadonlyMap<number, Codec>;

  constructor(private readonly inOrder: readonly Codec[]) {
    this.byId = new Map(inOrder.map((codec) => [codec.id, codec]));
  }

  /** @throws {CacheSerializationError} when no codec carries the value. */
  encode(value: unknown): Encoded {
    for (const codec of this.inOrder) {
      const bytes = codec.encode(value);
      if (bytes !== undefined) return { codec: codec.id, bytes };
    }
    throw new CacheSerializationError('No codec can carry this value. Cache plain data.');
  }

  find(id: number): Codec | undefined {
    return this.byId.get(id);
  }
}
