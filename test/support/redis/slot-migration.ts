import type { RedisServer } from './server.js';
import { list, text } from './reply.js';
import type { Arg } from './wire.js';

export interface Move {
  readonly slot: number;
  readonly from: RedisServer;
  readonly to: RedisServer;
  /** the ids by which the cluster knows both */
  readonly ids: { readonly from: string; readonly to: string };
  /** how nodes sign in at each other; empty without a password */
  readonly auth: readonly Arg[];
}

const BATCH = 20;

/**
 * A slot on its way from one primary to another, while both serve it: the old one answers for keys it still has and
 * redirects with ASK for the others, and with TRYAGAIN for commands whose keys are on both sides.
 */
export class SlotMigration {
  private constructor(private readonly move: Move) {}

  static async begin(move: Move): Promise<SlotMigration> {
    await move.to.call('CLUSTER', 'SETSLOT', move.slot, 'IMPORTING', move.ids.from);
    await move.from.call('CLUSTER', 'SETSLOT', move.slot, 'MIGRATING', move.ids.to);
    return new SlotMigration(move);
  }

  /** Moves up to `count` keys, all by default, and says how many it moved. */
  async moveKeys(count = Infinity): Promise<number> {
    const { slot, from, to, auth } = this.move;
    // Any bytes are a key.
    const wire = await from.open({ encoding: 'latin1', timeoutMs: 10_000 });
    try {
      let moved = 0;
      while (moved < count) {
        const found = list(await wire.call('CLUSTER', 'GETKEYSINSLOT', slot, Math.min(BATCH, count - moved)));
        if (found.length === 0) break;
        await wire.call('MIGRATE', to.host, to.port, '', 0, 5_000, ...auth, 'KEYS', ...found.map(text));
        moved += found.length;
      }
      return moved;
    } finally {
      wire.close();
    }
  }

  /** Gives the slot away for good. First the new owner learns of it: until then nobody else may think it free. */
  async finish(others: readonly RedisServer[]): Promise<void> {
    const { slot, from, to, ids } = this.move;
    for (const node of [to, from, ...others]) await node.call('CLUSTER', 'SETSLOT', slot, 'NODE', ids.to);
  }
}
