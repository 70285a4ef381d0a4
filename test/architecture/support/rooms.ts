import { isBuiltin } from 'node:module';
import { importsOf, type Import } from './imports.js';
import type { Tree } from './tree.js';

const LIB = 'libs/cache/src/';

/** Who may import what. The first room whose folder a file is in counts; `may` are beginnings of paths or packages. */
export interface Room {
  readonly folder: string;
  readonly may: readonly string[];
}

const WORDS = ['core/shared/', 'core/errors.ts'];
const REDIS_OPTIONS = [
  'drivers/redis/redis-option.ts',
  'drivers/redis/resolve-independent.ts',
  'drivers/redis/resolve-redis.ts',
  'drivers/redis/resolved-redis.ts',
];
const NEST = ['@nestjs/common', '@nestjs/core', 'rxjs'];

/** DESIGN.md §4 and §13, `style.md` §7. Inside the library paths count from `libs/cache/src`. */
export const ROOMS: readonly Room[] = [
  // ideas
  room('core/shared/', 'core/errors.ts'),
  room('core/errors.ts', 'core/shared/'),
  room('core/events/', ...WORDS, 'core/layers/layer.ts'),
  room('core/keys/', ...WORDS),
  room('core/entry/', ...WORDS),
  room('core/coherence/', ...WORDS),
  room('core/transactions/', ...WORDS),
  room('core/locks/', ...WORDS, 'core/events/', 'core/keys/'),
  room('core/limits/', ...WORDS, 'core/events/', 'core/keys/', 'core/locks/', 'core/protection/'),
  room('core/retries/', ...WORDS, 'core/events/', 'core/keys/'),
  room('core/protection/', ...WORDS, 'core/entry/', 'core/events/', 'core/layers/', 'core/coherence/'),
  room('core/limits/', ...WORDS, 'core/events/', 'core/protection/'),
  room('core/tags/', ...WORDS, 'core/coherence/', 'core/entry/', 'core/events/', 'core/keys/', 'core/layers/layer.ts'),
  room('core/layers/', ...WORDS, 'core/entry/', 'core/coherence/', 'core/tags/'),
  room('core/staleness/', ...WORDS, 'core/entry/', 'core/events/', 'core/layers/layer.ts'),
  room('core/statistics/', ...WORDS),
  room('core/servers/', ...WORDS),
  room('core/doctor/', ...WORDS),
  room('core/refresh/', ...WORDS, 'core/events/', 'core/statistics/'),
  room('core/cache/', 'core/'),
  // places
  room('drivers/memory/', 'core/', 'node:'),
  room('drivers/codec/', 'core/', 'node:', '@msgpack/msgpack'),
  room('drivers/hash/', 'core/', 'node:'),
  room('drivers/cockatiel/', 'core/', 'cockatiel'),
  room('drivers/sql/', 'core/'),
  room('drivers/redlock/load-redlock.ts', 'core/', 'redlock'),
  room('drivers/redlock/', 'core/'),
  room('drivers/redis/load-ioredis.ts', 'core/', 'drivers/redis/', 'ioredis'),
  room('drivers/redis/', 'core/', 'node:', 'cluster-key-slot'),
  // the framework
  room('nest/composition.ts', 'core/', 'drivers/', 'nest/', ...NEST),
  room('nest/composing/', 'core/', 'drivers/', 'nest/', ...NEST),
  // What a driver takes is the driver's to say and to check.
  room('nest/options/', 'core/', 'nest/', ...REDIS_OPTIONS, 'class-validator', ...NEST),
  room('nest/limits/transport-error.ts', 'core/', 'nest/', '@nestjs/websockets', '@nestjs/microservices', ...NEST),
  room('nest/context/', 'core/', 'nest/', 'node:async_hooks', ...NEST),
  room('nest/health/', 'core/', 'nest/', '@nestjs/terminus', ...NEST),
  room('nest/metrics/', 'core/', 'nest/', '@willsoto/nestjs-prometheus', 'prom-client', ...NEST),
  room('nest/plans/', 'core/', 'nest/', 'node:async_hooks', ...NEST),
  room('nest/transactions/', 'core/', 'nest/', 'node:async_hooks', ...NEST),
  room('nest/', 'core/', 'nest/', ...NEST),
  // the command line
  room('cli/', 'core/', 'drivers/redis/', 'node:'),
  // the door
  room(
    'index.ts',
    'core/',
    'nest/',
    'drivers/hash/stable-hash.ts',
    'drivers/redis/guards/guarded-set.ts',
    'drivers/redis/redis-option.ts',
    'drivers/redis/redis-client.ts',
    'drivers/sql/fenced.ts',
  ),
  room('testing.ts', 'nest/testing/'),
  room('terminus.ts', 'nest/health/'),
  room('prometheus.ts', 'nest/metrics/'),
];

/** Beside what its room may, a spec uses these. */
const SPEC_TOOLS = ['vitest', 'fast-check', 'ioredis-5', 'node:', 'drivers/', 'test/support/'];

/** The names by which the package is imported. */
const PACKAGE_DOORS: readonly string[] = [
  '@datapunk/cache',
  '@datapunk/cache/testing',
  '@datapunk/cache/terminus',
  '@datapunk/cache/prometheus',
];

/** Users of the door: they see the package and never its inside. */
export const USERS: readonly string[] = ['apps/', 'test/e2e/', 'test/browser/'];

function room(folder: string, ...may: readonly string[]): Room {
  return { folder, may: [...may, ...(folder.endsWith('/') ? [folder] : [])] };
}

/** One sentence for every import that crosses a wall. */
export function trespasses(tree: Tree): string[] {
  return [...tree].flatMap(([path, text]) =>
    importsOf(path, text)
      .filter((one) => !isAllowed(path, one))
      .map(({ specifier, line }) => `${path}:${line} may not import '${specifier}'`),
  );
}

function isAllowed(path: string, one: Import): boolean {
  if (!path.startsWith(LIB)) return isAllowedOutside(path, one);
  const inside = path.slice(LIB.length).replace(/\.spec\.ts$/, '.ts');
  const target = one.to.startsWith(LIB) ? one.to.slice(LIB.length) : one.to;
  const home = ROOMS.find(({ folder }) => inside.startsWith(folder));
  if (home === undefined) return false;
  const may = path.endsWith('.spec.ts') ? [...home.may, home.folder, ...SPEC_TOOLS] : home.may;
  if (one.isType && isBuiltin(one.specifier)) return true;
  return may.some((allowed) => matches(target, allowed));
}

/** Relative within its own folder, else by the package's name alone. */
function isAllowedOutside(path: string, { specifier, to, isRelative }: Import): boolean {
  const home = USERS.find((folder) => path.startsWith(folder));
  if (home === undefined) return true;
  if (isRelative) return to.startsWith(home) || (home.startsWith('test/') && to.startsWith('test/support/'));
  return !specifier.startsWith('@datapunk/cache/') || PACKAGE_DOORS.includes(specifier);
}

/** A folder or a scheme covers what is in it; a file or a package is itself, or a package and its parts. */
function matches(target: string, allowed: string): boolean {
  return /[/:]$/.test(allowed) ? target.startsWith(allowed) : target === allowed || target.startsWith(`${allowed}/`);
}

/** Nobody inside goes through the front door: a barrel makes everything depend on everything. */
export function barrelUsers(tree: Tree): string[] {
  const files = ['index', 'testing', 'terminus', 'prometheus'].map((name) => `${LIB}${name}.ts`);
  const doors = new Set([...files, ...PACKAGE_DOORS]);
  return [...tree]
    .filter(([path]) => path.startsWith(LIB))
    .flatMap(([path, text]) =>
      importsOf(path, text)
        .filter(({ to }) => doors.has(to))
        .map(({ specifier, line }) => `${path}:${line} imports the door '${specifier}'`),
    );
}
