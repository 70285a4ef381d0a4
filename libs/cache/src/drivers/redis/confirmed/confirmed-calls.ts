import type { ScriptCall } from '../calls/question.js';
import type { Coordination, KeyedCall } from '../coordination/coordination.js';
import { Confirmations } from './confirmations.js';

/** What a script said, and how many replicas have it. */
export interface Confirmed {
  readonly said: readonly unknown[];
  readonly replicas: number;
}

/** Of one script, for keys of one slot. */
export type Together = readonly [KeyedCall, ...KeyedCall[]];

/** What a script said of each key, and how many replicas have it. */
export interface AllConfirmed {
  readonly said: readonly (readonly unknown[])[];
  readonly replicas: number;
}

/** Script calls that replicas have to confirm, for those who judge by themselves how many are enough. */
export class ConfirmedCalls {
  readonly #confirmations: Confirmations;

  constructor(redis: Coordination) {
    this.#confirmations = new Confirmations(redis);
  }

  /**
   * @param needed replicas that should have it; fewer are waited for until `CONFIRM_MS`
   * @throws as `Coordination.run`; and when the node lost its role, or its connection, before replicas confirmed.
   */
  async run(call: KeyedCall, needed: number): Promise<Confirmed> {
    const { said, replicas } = await this.runTogether([call], needed);
    return { said: said[0] ?? [], replicas };
  }

  /** The same for keys of one slot and one script, in one call of it. */
  runTogether(calls: Together, needed: number): Promise<AllConfirmed> {
    return new Promise((resolve, fail) => {
      const all: (readonly unknown[])[] = [];
      const asked = calls.map((call, at): ScriptCall => {
        const take = (said: readonly unknown[]): void => {
          all[at] = said;
        };
        return { ...call, common: '', take, fail };
      });
      const end = (replicas: number): void => resolve({ said: all, replicas });
      this.#confirmations.add({ key: calls[0].key, calls: asked, needed, fail, end });
    });
  }
}
