import type { Rule } from './rule.js';
import { CLOCK } from './rules/clock.js';
import { COMMANDS } from './rules/commands.js';
import { CONNECTIONS } from './rules/connections.js';
import { EVICTION } from './rules/eviction.js';
import { FAILOVER } from './rules/failover.js';
import { KEYSPACE } from './rules/keyspace.js';
import { MEMBERS } from './rules/members.js';
import { MEMORY } from './rules/memory.js';
import { NETWORK } from './rules/network.js';
import { PERSISTENCE } from './rules/persistence.js';
import { REACH } from './rules/reach.js';
import { REPLICATION } from './rules/replication.js';
import { SLOTS } from './rules/slots.js';
import { VERSION } from './rules/version.js';

/** Everything the doctor looks at. */
export const RULES: readonly Rule[] = [
  ...REACH,
  ...MEMBERS,
  ...SLOTS,
  ...REPLICATION,
  ...FAILOVER,
  ...PERSISTENCE,
  ...EVICTION,
  ...MEMORY,
  ...CONNECTIONS,
  ...NETWORK,
  ...COMMANDS,
  ...KEYSPACE,
  ...CLOCK,
  ...VERSION,
];
