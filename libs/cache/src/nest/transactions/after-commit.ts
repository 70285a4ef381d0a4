import { CacheConfigError } from '../../core/errors.js';
import { shown } from '../../core/shared/shown.js';
import { inNewTransaction } from './async-transactions.js';

/** What is used of an adapter's options; its nested transactions, which are savepoints, run as they are. */
interface AdapterOptions {
  wrapWithTransaction(options: unknown, work: unknown, setTransaction: unknown): Promise<unknown>;
}

type OptionsFactory = (...given: unknown[]) => AdapterOptions;

/** `this` in them is the adapter itself, whose private fields no proxy has. */
const HOOKS: ReadonlySet<string | symbol> = new Set([
  'onModuleInit',
  'onModuleDestroy',
  'onApplicationBootstrap',
  'beforeApplicationShutdown',
  'onApplicationShutdown',
]);

/**
 * Makes an adapter of `@nestjs-cls/transactional` tell the cache where its transactions begin and end, so that what
 * `@Transactional()` methods do to the cache takes effect after the commit; `runInCacheTransaction` says how. For all of its
 * adapters: TypeORM, Prisma, Knex, Kysely, Drizzle, pg-promise, Mongoose and those of your own.
 *
 * @example
 * ClsModule.forRoot({
 *   plugins: [new ClsPluginTransactional({ adapter: afterCommit(new TransactionalAdapterTypeOrm({ dataSourceToken })) })],
 * })
 * @throws {CacheConfigError} for what is no such adapter.
 */
export function afterCommit<A extends object>(adapter: A): A {
  const given = adapter as { readonly optionsFactory?: unknown } | null | undefined;
  if (typeof given?.optionsFactory !== 'function') {
    throw new CacheConfigError(
      `afterCommit: ${shown(adapter)} is no adapter of @nestjs-cls/transactional. Pass what you gave ClsPluginTransactional as adapter, such as new TransactionalAdapterTypeOrm(…).`,
    );
  }
  const optionsFactory: OptionsFactory = (...args) =>
    told((adapter as { optionsFactory: OptionsFactory }).optionsFactory(...args));
  return new Proxy(adapter, {
    get: (target, name) => {
      if (name === 'optionsFactory') return optionsFactory;
      const value: unknown = Reflect.get(target, name);
      return HOOKS.has(name) && typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** The plugin makes its own copy of the options, so they are not kept as they are in any case. */
function told(options: AdapterOptions): AdapterOptions {
  return {
    ...options,
    wrapWithTransaction: (...args) => inNewTransaction(() => options.wrapWithTransaction(...args)),
  };
}
