import { readSlots, rangeOf, type SlotRange } from './cluster-view.js';
import { SlotMigration } from './slot-migration.js';
import { slotOf } from './slots.js';
import type { RedisServer } from './server.js';
import { eventually } from './wait.js';
import type { Arg } from './wire.js';

export interface SlotNodes {
  readonly slot: number;
  readonly primary: RedisServer;
  readonly replicas: readonly RedisServer[];
}

/** A running Redis Cluster. Who is primary of what is asked anew every time: tests change it. */
export class RedisCluster {
  /**
   * @param members the nodes, and the id by which the cluster knows each
   * @param auth how nodes sign in at each other when keys move
   */
  constructor(
    private readonly members: ReadonlyMap<RedisServer, string>,
    private readonly auth: readonly Arg[],
  ) {}

  get nodes(): RedisServer[] {
    return [...this.members.keys()];
  }

  /** Who serves the slot of this key. */
  nodesOf(key: string): Promise<SlotNodes> {
    return this.nodesOfSlot(slotOf(key));
  }

  async nodesOfSlot(slot: number): Promise<SlotNodes> {
    const { primary, replicas } = rangeOf(slot, await this.slots());
    return { slot, primary: this.node(primary), replicas: replicas.map((id) => this.node(id)) };
  }

  async primaries(): Promise<RedisServer[]> {
    const ids = new Set((await this.slots()).map(({ primary }) => primary));
    return [...ids].map((id) => this.node(id));
  }

  /**
   * Puts a replica in the place of this primary and waits until every node that is awake knows. A primary that
   * does not answer is replaced with `FORCE`, and without the consent of the others with `TAKEOVER`.
   */
  async failover(primary: RedisServer, mode?: 'FORCE' | 'TAKEOVER'): Promise<RedisServer> {
    const range = (await this.slots()).find((one) => one.primary === this.id(primary));
    const replica = range?.replicas.map((id) => this.node(id)).find((one) => one.awake);
    if (!range || !replica) throw new Error(`port ${primary.port} is no primary with a replica that is awake`);
    await replica.call('CLUSTER', 'FAILOVER', ...(mode ? [mode] : []));
    await this.agreedOn(range.from, replica);
    return replica;
  }

  /** Waits until somebody else serves the slots of this primary: after it was killed, say. */
  async primaryOtherThan(before: RedisServer, slot: number): Promise<RedisServer> {
    const now = await eventually(`another node serves slot ${slot}`, async () => {
      const { primary } = await this.nodesOfSlot(slot);
      return primary !== before && primary;
    });
    await this.agreedOn(slot, now);
    return now;
  }

  /** Moves a slot with all its keys while both nodes go on serving. */
  async migrateSlot(slot: number, to: RedisServer): Promise<void> {
    const migration = await this.beginMigration(slot, to);
    await migration.moveKeys();
    await migration.finish();
  }

  /** The same in steps: between them the slot is in both places. */
  async beginMigration(slot: number, to: RedisServer): Promise<MigrationSteps> {
    const { primary: from } = await this.nodesOfSlot(slot);
    if (from === to) throw new Error(`port ${to.port} has slot ${slot} already`);
    const ids = { from: this.id(from), to: this.id(to) };
    const migration = await SlotMigration.begin({ slot, from, to, ids, auth: this.auth });
    return {
      moveKeys: (count) => migration.moveKeys(count),
      finish: async () => {
        const others = (await this.primaries()).filter((node) => node !== from && node !== to && node.awake);
        await migration.finish(others);
        await this.agreedOn(slot, to);
      },
    };
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }

  private agreedOn(slot: number, primary: RedisServer): Promise<true> {
    const id = this.id(primary);
    return eventually(`all nodes know that port ${primary.port} serves slot ${slot}`, async () => {
      const awake = this.nodes.filter((node) => node.awake);
      const views = await Promise.all(awake.map((node) => node.call('CLUSTER', 'SLOTS')));
      return views.every((view) => rangeOf(slot, readSlots(view)).primary === id);
    });
  }

  /** As the nodes that answer see it: the first one that sees a cluster which works. */
  private async slots(): Promise<SlotRange[]> {
    for (const node of this.nodes.filter((one) => one.awake)) {
      const info = await node.call('CLUSTER', 'INFO');
      if (String(info).includes('cluster_state:ok')) return readSlots(await node.call('CLUSTER', 'SLOTS'));
    }
    throw new Error('no node sees a cluster that works');
  }

  private id(node: RedisServer): string {
    const id = this.members.get(node);
    if (id === undefined) throw new Error(`port ${node.port} is no node of this cluster`);
    return id;
  }

  private node(id: string): RedisServer {
    const found = [...this.members].find(([, other]) => other === id);
    if (!found) throw new Error(`no node of ours has the id ${id}`);
    return found[0];
  }
}

export interface MigrationSteps {
  /** moves up to so many keys, all by default, and says how many it moved */
  moveKeys(count?: number): Promise<number>;
  /** gives the slot to its new owner and waits until all nodes know */
  finish(): Promise<void>;
}
