/** Redis servers of our own, on free ports of loopback, ended by their id. */
import { fileURLToPath } from 'node:url';
import { importSource } from '../../../test/support/import-source.mjs';

const source = (name) =>
  importSource(fileURLToPath(new URL(`../../../test/support/redis/${name}.ts`, import.meta.url)));

/** @returns {Promise<{ kind: 'standalone' | 'cluster', nodes: { host: string, port: number }[], empty(): Promise<void>, cpuMs(): Promise<number>, primaries: number, traffic(): Promise<{ commands: number, reads: number }>, stop(): Promise<void> }>} */
export async function startRedis(kind) {
  const servers = kind === 'cluster' ? await cluster() : await standalone();
  const { nodes, primaries, stop } = servers;
  return {
    kind,
    nodes: nodes.map(({ host, port }) => ({ host, port })),
    empty: async () => {
      for (const node of primaries) await node.call('FLUSHALL');
    },
    cpuMs: async () => {
      const seconds = await Promise.all(primaries.map(cpuSeconds));
      return 1_000 * seconds.reduce((sum, one) => sum + one, 0);
    },
    primaries: primaries.length,
    /** What the primaries together have been sent so far: commands, and packets that they read. */
    traffic: async () => {
      const each = await Promise.all(primaries.map((node) => node.call('INFO', 'stats')));
      const sum = (name) =>
        each.reduce((all, text) => all + Number(new RegExp(`${name}:(\\d+)`).exec(text)?.[1] ?? 0), 0);
      return { commands: sum('total_commands_processed'), reads: sum('total_reads_processed') };
    },
    stop,
  };
}

async function standalone() {
  const server = await source('standalone').startStandalone();
  return { nodes: [server], primaries: [server], stop: () => server.stop() };
}

/** Three primaries with a replica each. */
async function cluster() {
  const started = await source('start-cluster').startCluster();
  return { nodes: started.nodes, primaries: await started.primaries(), stop: () => started.stop() };
}

async function cpuSeconds(server) {
  const info = String(await server.call('INFO', 'cpu'));
  const [, system = '0'] = /used_cpu_sys:([\d.]+)/.exec(info) ?? [];
  const [, user = '0'] = /used_cpu_user:([\d.]+)/.exec(info) ?? [];
  return Number(system) + Number(user);
}
