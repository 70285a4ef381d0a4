/** `npm run cluster`: a Redis Cluster of six processes on this machine, until Ctrl-C. Needs an installed redis-server. */
import { fileURLToPath } from 'node:url';
import { importSource } from '../import-source.mjs';

const { runCluster } = importSource(fileURLToPath(new URL('run-cluster.ts', import.meta.url)));

await runCluster();
