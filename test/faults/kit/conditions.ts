/** Towards the server, or back from it. */
export type Direction = 'toServer' | 'toClient';

/** What happens to bytes on their way. Conditions add up: `{ ...latency(20), ...slices(3) }`. */
export interface Conditions {
  /** every byte arrives so many ms later */
  readonly latencyMs?: number;
  /** and up to so many ms later still, by chance */
  readonly jitterMs?: number;
  /** what is sent at once arrives in fragments of 1 to so many bytes */
  readonly sliceBytes?: number;
  readonly bytesPerSecond?: number;
  /**
   * Nothing moves in these directions, not even the end of a connection. What is held arrives when the condition is
   * lifted, as lost packets are sent again by TCP.
   */
  readonly hold?: readonly Direction[];
  /** the connection is reset after so many more bytes from the server; 0: at once, and every new one */
  readonly resetAfterBytes?: number;
}

export const clear: Conditions = {};

export const latency = (latencyMs: number, jitterMs = 0): Conditions => ({ latencyMs, jitterMs });

/** Connections are accepted and nothing is ever forwarded. */
export const blackHole: Conditions = { hold: ['toServer', 'toClient'] };

/** One direction is dead: requests are lost, or they are carried out and the replies are lost. */
export const halfOpen = (dead: Direction): Conditions => ({ hold: [dead] });

export const slices = (sliceBytes: number): Conditions => ({ sliceBytes });

export const bandwidth = (bytesPerSecond: number): Conditions => ({ bytesPerSecond });

/** RST instead of an answer, or in the middle of one. */
export const reset = (resetAfterBytes = 0): Conditions => ({ resetAfterBytes });
