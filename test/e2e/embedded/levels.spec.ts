import { Injectable } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  CacheAside,
  CacheConfigError,
  CacheService,
  Consistent,
  DatapunkCacheModule,
  defineKey,
  Evict,
  Locked,
  ReadThrough,
  RequestCached,
  WriteThrough,
  type ConsistencyLevel,
} from '@datapunk/cache';
import { boot, closeAfterwards, rootModule } from '../../support/boot.js';

/** What an application with this provider says when it is booted. */
async function bootError(provider: new () => object): Promise<Error> {
  const app = NestFactory.createApplicationContext(rootModule({ providers: [provider] }), {
    logger: false,
    abortOnError: false,
  });
  return app.then(
    async (opened) => {
      closeAfterwards(opened);
      throw new Error('the boot did not fail');
    },
    (error: Error) => error,
  );
}

class Source {
  protected row = 'old';
  protected asked = 0;

  get loads(): number {
    return this.asked;
  }
}

describe('@Consistent', () => {
  it.each<ConsistencyLevel>(['strict', 'eventual', 'relaxed'])(
    "'%s' on a class is for all its cached methods; one process keeps every promise",
    async (level) => {
      @Injectable()
      @Consistent(level)
      class Towns extends Source {
        @ReadThrough('town:{0}') async find(_id: number) {
          this.asked += 1;
          return this.row;
        }
        @WriteThrough('town:{0}') async save(_id: number, row: string) {
          this.row = row;
          return row;
        }
        @Evict('town:{0}') async drop(_id: number) {
          this.row = 'dropped';
        }
        @Locked('nightly') async nightly() {
          return 'done';
        }
      }
      const app = await boot([Towns]);
      const towns = app.get(Towns);
      expect(await Promise.all([towns.find(1), towns.find(1)])).toEqual(['old', 'old']);
      expect(await towns.find(1)).toBe('old');
      expect(towns.loads).toBe(1);
      await towns.save(1, 'new');
      expect(await towns.find(1)).toBe('new');
      await towns.drop(1);
      expect(await towns.find(1)).toBe('dropped');
      expect(await towns.nightly()).toBe('done');
    },
  );

  it('says on a method what its class does not', async () => {
    @Injectable()
    @Consistent('relaxed')
    class Towns extends Source {
      @Consistent('eventual')
      @ReadThrough('town:{0}')
      async find(_id: number) {
        return this.row;
      }
      @ReadThrough('other:{0}') @Consistent('relaxed') async other(_id: number) {
        return this.row;
      }
    }
    const towns = (await boot([Towns])).get(Towns);
    expect(await Promise.all([towns.find(1), towns.other(1)])).toEqual(['old', 'old']);
  });

  it.each([undefined, 'STRICT', 1])('takes no other level: %s', (level) => {
    expect(() => Consistent(level as never)).toThrow(CacheConfigError);
  });

  it('is refused twice on one method, and on a class without cached methods', () => {
    expect(() => {
      class Towns extends Source {
        @Consistent('relaxed') @ReadThrough('town:{0}') @Consistent('strict') async find(_id: number) {
          return this.row;
        }
      }
      return Towns;
    }).toThrow('Towns.find: two @Consistent on one method. Keep one.');
    expect(() => {
      @Consistent('strict')
      class Nothing {
        plain() {}
      }
      return Nothing;
    }).toThrow(/@Consistent\('strict'\) on class Nothing: none of its own methods/);
  });
});

describe('a key that a function gives, of which another method is strict', () => {
  it('is changed under no other level that is named, and nothing is saved', async () => {
    @Injectable()
    class Towns extends Source {
      @Consistent('strict') @ReadThrough('town:{0}') async find(_id: number) {
        return this.row;
      }
      @Consistent('eventual') @Evict((id: number) => `town:${id}`) async drop(_id: number) {
        this.row = 'dropped';
      }
      @Consistent('relaxed') @WriteThrough((id: number) => `town:${id}`) async save(_id: number, row: string) {
        this.row = row;
        return row;
      }
      @CacheAside((id: number) => `town:${id}`) async update(_id: number) {
        this.row = 'updated';
        return this.row;
      }
    }
    const towns = (await boot([Towns])).get(Towns);
    const said = (level: string) => `is written under level '${level}', but a method of this application promises`;
    await expect(towns.drop(1)).rejects.toThrow(said('eventual'));
    await expect(towns.save(1, 'saved')).rejects.toThrow(said('relaxed'));
    expect(await towns.find(1)).toBe('old');
    // Where none is named, it is strict as well.
    await towns.update(1);
    expect(await towns.find(1)).toBe('updated');
  });
});

describe('without Redis', () => {
  it.each<[ConsistencyLevel, string, number]>([
    ['strict', 'production', 1],
    ['strict', 'test', 0],
    ['eventual', 'production', 0],
  ])("the boot of '%s' under %s warns %i times", async (level, environment, times) => {
    const warned: string[] = [];
    const quiet = () => undefined;
    const logger = { log: quiet, error: quiet, warn: (message: string) => void warned.push(message) };
    vi.stubEnv('NODE_ENV', environment);
    onTestFinished(() => void vi.unstubAllEnvs());
    const root = rootModule({}, { defaults: { level } });
    closeAfterwards(await NestFactory.createApplicationContext(root, { logger, abortOnError: false }));
    expect(warned.filter((message) => message.startsWith("Level 'strict' is used without Redis"))).toHaveLength(times);
  });
});

describe('a boot is refused', () => {
  it('for a level on a method that is not cached', async () => {
    @Injectable()
    class Towns extends Source {
      @Consistent('strict') @Locked('x') async find() {
        return this.row;
      }
    }
    expect((await bootError(Towns)).message).toMatch(/^Towns\.find: @Consistent on a method that neither reads/);
  });

  it('for two levels on one method', async () => {
    @Injectable()
    class Towns extends Source {
      @Consistent('strict') @ReadThrough('town:{0}', { level: 'relaxed' }) async find(_id: number) {
        return this.row;
      }
    }
    expect((await bootError(Towns)).message).toMatch(/@Consistent says 'strict' and the options .* say 'relaxed'/);
  });

  it.each(['evicted', 'written', 'updated'])('for a writer of a strict key that is less: %s', async (how) => {
    const key = defineKey('town:{id}').holds<string>();
    @Injectable()
    class Towns extends Source {
      @Consistent('strict') @ReadThrough(key.at({ id: '0' })) async find(_id: number) {
        return this.row;
      }
    }
    @Injectable()
    class Evicting extends Towns {
      @Evict(key.at({ id: '0' })) async change(_id: number) {}
    }
    @Injectable()
    class Writing extends Towns {
      @WriteThrough(key.at({ id: '0' })) async change(_id: number) {
        return this.row;
      }
    }
    @Injectable()
    class Updating extends Towns {
      @CacheAside(key.at({ id: '0' }), { level: 'relaxed' }) async change(_id: number) {
        return this.row;
      }
    }
    const type = { evicted: Evicting, written: Writing, updated: Updating }[how] as typeof Writing;
    const error = await bootError(type);
    expect(error).toBeInstanceOf(CacheConfigError);
    expect(error.message).toMatch(
      /^\w+\.change changes 'town:\{0\}' under level '\w+', but Towns\.find promises 'strict' for it, .* Put @Consistent\('strict'\) on \w+\.change\.$/,
    );
  });

  it('for strict keys that cannot be kept so', async () => {
    @Injectable()
    class Remembering extends Source {
      @Consistent('strict') @RequestCached() @ReadThrough('town:{0}') async find(_id: number) {
        return this.row;
      }
    }
    @Injectable()
    class Late extends Source {
      @Consistent('strict') @WriteThrough('town:{result.id}') async save(): Promise<{ id: number }> {
        return { id: 1 };
      }
    }
    @Injectable()
    class Expiring extends Source {
      @Consistent('strict') @Evict('town:{0}', { mode: 'expire' }) async change(_id: number) {}
    }
    const messages = await Promise.all([Remembering, Late, Expiring].map(bootError));
    expect(messages.map(({ message }) => message.replace(/^.*is strict, but /, ''))).toEqual([
      '@RequestCached would keep what it gave for the rest of the request. Drop one of them.',
      'its key is known only after the save, and others have to be told before. Take the key from the arguments.',
      "mode 'expire' tells others only after the change. Use mode 'delete'.",
    ]);
  });
});

describe('a level', () => {
  it('comes from the call, the policy, the named cache or the defaults', async () => {
    const app = await boot(
      [],
      { defaults: { level: 'relaxed' }, policies: { safe: { level: 'strict' } } },
      { imports: [DatapunkCacheModule.forFeature('places', { entities: ['place'], level: 'eventual' })] },
    );
    expect(levelsOf(app.get(CacheService))).toEqual(['relaxed', 'eventual', 'strict', 'strict']);
  });

  it.each(['linearizable', 5, null])('is one of three: %j', async (level) => {
    const app = await boot([]);
    const read = app.get(CacheService).readThrough('town:1' as never, async () => 1, { level: level as never });
    await expect(read).rejects.toThrow(/options\.level: .* is none of 'strict', 'eventual' and 'relaxed'/);
  });
});

function levelsOf(service: CacheService): string[] {
  const { rules } = (service as unknown as { cache: { parts: { rules: Book } } }).cache.parts;
  return [
    rules.forKey('town:1').level,
    rules.forKey('place:1').level,
    rules.forKey('place:1', { level: 'strict' }).level,
    rules.forKey('town:1', { policy: 'safe' }).level,
  ];
}

interface Book {
  forKey(id: string, options?: object): { readonly level: string };
}
