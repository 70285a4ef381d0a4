import { DEEPEST, LARGEST } from '../../core/entry/limits.js';

/** A Map in JSON is `{"$":["map",[…]]}`: three containers for one level of the value. */
const DEEPEST_JSON = DEEPEST * 3 + 3;
const CONTAINER = 48;
const SLOT = 8;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;

/** Weighs JSON without building it: few bytes of `[{},{},…` are many of heap. Malformed JSON is the parser's matter. */
export function scanJson(bytes: Uint8Array): void {
  let depth = 0;
  let weight = 0;
  let inText = false;
  for (let at = 0; at < bytes.byteLength; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) inText = !inText;
    else if (inText) at += byte === BACKSLASH ? 1 : 0;
    else if (byte === COMMA) weight += SLOT;
    // `[` and `{`, `]` and `}` differ in one bit.
    else if (((byte ?? 0) | 0x20) === 0x7b) {
      depth++;
      weight += CONTAINER;
    } else if (((byte ?? 0) | 0x20) === 0x7d) depth--;
    if (depth > DEEPEST_JSON) throw new RangeError('Nested too deep.');
    if (weight > LARGEST * 4) throw new RangeError('Too large.');
  }
}
