const HALF = 2 ** 32;

/** Writes a whole number ≥ 0 as 64 bits; `Infinity` is all ones, greater than any time. */
export function writeUint64(view: DataView, at: number, value: number): void {
  const whole = value > 0 ? Math.floor(value) : 0;
  view.setUint32(at, whole === Infinity ? HALF - 1 : whole / HALF);
  view.setUint32(at + 4, whole === Infinity ? HALF - 1 : whole % HALF);
}

/** Reads it back; what a number cannot hold exactly is `Infinity`. */
export function readUint64(view: DataView, at: number): number {
  const value = view.getUint32(at) * HALF + view.getUint32(at + 4);
  return Number.isSafeInteger(value) ? value : Infinity;
}
