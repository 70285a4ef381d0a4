import type { Layer } from '../../libs/cache/src/core/layers/layer.js';

/** An empty layer, and the time it goes by. */
export interface Opened<L extends Layer> {
  readonly layer: L;
  /** Milliseconds since the epoch, as the layer counts them. */
  now(): number;
  /** Lets this much time pass for the layer: a fake clock is moved, a real one is waited for. */
  pass(ms: number): Promise<void>;
  /** Gives back what was opened beside the layer: a server's keys, a folder. */
  dispose?(): Promise<void>;
}

/** A place where the contract is run. Each test opens a layer of its own. */
export interface Subject<L extends Layer = Layer> {
  readonly name: string;
  readonly open: () => Promise<Opened<L>>;
  /** Milliseconds: entries of the tests live so long. Enough for a step on a real clock; a fake one does not care. */
  readonly tick: number;
  /** Whether minutes may pass, as on a fake clock. Without it a tombstone's minute is seen in its `staleUntil` only. */
  readonly isPatient: boolean;
  /** Whether other processes write there too, so that a removal has to be remembered for keys it does not know. */
  readonly isShared: boolean;
}
