import { Controller, Get, Inject, Injectable, Logger, Param, Scope } from '@nestjs/common';
import { ModuleRef, NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CacheService, Evict, ReadThrough, WriteThrough } from '@datapunk/cache';
import { full, sibling } from '../../support/backends.js';
import { boot, closeAfterwards, rootModule } from '../../support/boot.js';

let runs: string[] = [];
afterEach(() => {
  runs = [];
  vi.restoreAllMocks();
});

class Plain {
  @ReadThrough('plain:{0}')
  async find(id: number): Promise<string> {
    runs.push(`plain ${id}`);
    return `plain ${id}`;
  }

  async twice(id: number): Promise<string[]> {
    return [await this.find(id), await this.find(id)];
  }

  @ReadThrough('static:{0}')
  static async look(id: number): Promise<string> {
    runs.push(`static ${id}`);
    return `static ${id}`;
  }
}
Injectable()(Plain);

@Injectable({ scope: Scope.REQUEST })
class PerRequest {
  @ReadThrough('request:{0}')
  async find(id: number): Promise<string> {
    runs.push(`request ${id}`);
    return `request ${id}`;
  }
}

@Injectable({ scope: Scope.TRANSIENT })
class Transient {
  @ReadThrough('transient:{0}')
  async find(id: number): Promise<string> {
    runs.push(`transient ${id}`);
    return `transient ${id}`;
  }
}

@Injectable()
class TransientUser {
  constructor(@Inject(Transient) readonly inner: Transient) {}
}

abstract class Base {
  abstract prefix: string;

  @ReadThrough('base:{0}')
  async find(id: number): Promise<string> {
    runs.push(`${this.prefix} ${id}`);
    return `${this.prefix} ${id}`;
  }
}

@Injectable()
class Inheriting extends Base {
  prefix = 'inheriting';
}

@Injectable()
class Overriding extends Base {
  prefix = 'overriding';

  @ReadThrough('child:{0}')
  override async find(id: number): Promise<string> {
    runs.push(`child ${id}`);
    return `child of ${await super.find(id)}`;
  }
}

@Injectable()
class WithOwnConstructor extends Base {
  prefix = 'own';

  constructor(@Inject(CacheService) readonly cache: CacheService) {
    super();
  }

  @ReadThrough('extra:{0}')
  async more(id: number): Promise<string> {
    runs.push(`more ${id}`);
    return `more ${id}`;
  }
}

describe('decorated methods in every kind of provider', () => {
  it('works for singletons and calls to itself', async () => {
    const app = await boot([Plain]);
    expect(await app.get(Plain).twice(1)).toEqual(['plain 1', 'plain 1']);
    expect(runs).toEqual(['plain 1']);
  });

  it('works for request-scoped and transient providers', async () => {
    const app = await boot([PerRequest, Transient, TransientUser]);
    const first = await app.resolve(PerRequest);
    const second = await app.resolve(PerRequest);
    expect(first).not.toBe(second);
    await first.find(1);
    await second.find(1);
    await (await app.resolve(Transient)).find(1);
    await app.get(TransientUser).inner.find(1);
    expect(runs).toEqual(['request 1', 'transient 1']);
  });

  it('works for inherited methods, overrides that call super, and children with their own constructor', async () => {
    const app = await boot([Inheriting, Overriding, WithOwnConstructor]);
    await app.get(Inheriting).find(1);
    await app.get(Inheriting).find(1);
    expect(runs).toEqual(['inheriting 1']);
    expect(await app.get(Overriding).find(1)).toBe('child of inheriting 1');
    expect(await app.get(Overriding).find(1)).toBe('child of inheriting 1');
    expect(runs).toEqual(['inheriting 1', 'child 1']);
    await app.get(WithOwnConstructor).more(1);
    await app.get(WithOwnConstructor).more(1);
    expect(runs).toEqual(['inheriting 1', 'child 1', 'more 1']);
  });

  it('works for useFactory, useValue, frozen values and static methods', async () => {
    const value = new Plain();
    const frozen = Object.freeze(new Plain());
    const app = await boot([
      Plain,
      { provide: 'factory', useFactory: () => new Plain() },
      { provide: 'value', useValue: value },
      { provide: 'frozen', useValue: frozen },
    ]);
    await app.get<Plain>('factory').find(1);
    await value.find(1);
    await frozen.find(1);
    await Plain.look(1);
    await Plain.look(1);
    expect(runs).toEqual(['plain 1', 'static 1']);
  });

  it('keeps two applications in one process apart', async () => {
    const one = await boot([Plain]);
    const two = await boot([Plain], { service: sibling('two') });
    await one.get(Plain).find(1);
    await two.get(Plain).find(1);
    expect(runs).toEqual(['plain 1', 'plain 1']);
    await one.close();
    await two.get(Plain).find(1);
    expect(runs).toHaveLength(2);
  });

  it('runs bare outside Nest, without a word', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const plain = new Plain();
    await plain.find(1);
    await plain.find(1);
    expect(runs).toEqual(['plain 1', 'plain 1']);
    expect(warn).not.toHaveBeenCalled();
  });

  it('runs bare where the module was forgotten, and warns once a class', async () => {
    class Forgetful {
      @ReadThrough('forgetful:{0}')
      async find(id: number): Promise<number> {
        runs.push(`forgetful ${id}`);
        return id;
      }
    }
    Injectable()(Forgetful);
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const module = closeAfterwards(await Test.createTestingModule({ providers: [Forgetful] }).compile());
    await module.get(Forgetful).find(1);
    await module.get(Forgetful).find(1);
    expect(runs).toEqual(['forgetful 1', 'forgetful 1']);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]?.[0]).toMatch(/Forgetful .* DatapunkCacheModule\.forRoot/);
  });

  it('works from the first onModuleInit of others', async () => {
    @Injectable()
    class Early {
      constructor(@Inject(ModuleRef) private readonly module: ModuleRef) {}
      async onModuleInit(): Promise<void> {
        await this.module.get(Plain, { strict: false }).twice(5);
      }
    }
    await boot([Plain, Early]);
    expect(runs).toEqual(['plain 5']);
  });

  it('asks an overridden CacheService, and one that is spied on', async () => {
    const fake = { readThrough: vi.fn(async () => 'from the fake') };
    const module = closeAfterwards(
      await Test.createTestingModule({ imports: [rootModule({ providers: [Plain] })] })
        .overrideProvider(CacheService)
        .useValue(fake)
        .compile(),
    );
    await module.init();
    expect(await module.get(Plain).find(1)).toBe('from the fake');
    expect(fake.readThrough).toHaveBeenCalledWith(full('plain:1'), expect.any(Function), {});

    const app = await boot([Plain]);
    const spy = vi.spyOn(app.get(CacheService), 'readThrough');
    await app.get(Plain).twice(1);
    expect(spy).toHaveBeenCalledTimes(2);
    expect(runs).toEqual(['plain 1']);
  });
});

@Controller()
class Shop {
  @Get('above/:id')
  @ReadThrough('above:{0}')
  async above(@Param('id') id: string): Promise<{ id: string }> {
    runs.push(`above ${id}`);
    return { id };
  }

  @ReadThrough('below:{0}')
  @Get('below/:id')
  async below(@Param('id') id: string): Promise<{ id: string }> {
    runs.push(`below ${id}`);
    return { id };
  }
}

@Controller({ path: 'scoped', scope: Scope.REQUEST })
class ScopedShop {
  @Get(':id')
  @ReadThrough('scoped:{0}')
  async find(@Param('id') id: string): Promise<{ id: string }> {
    runs.push(`scoped ${id}`);
    return { id };
  }
}

describe('decorated controllers', () => {
  it('works above and below @Get, and in a request-scoped controller', async () => {
    const app = closeAfterwards(
      await NestFactory.create(rootModule({ controllers: [Shop, ScopedShop] }), { logger: false, abortOnError: false }),
    );
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    for (const path of ['above/1', 'above/1', 'below/1', 'below/1', 'scoped/1', 'scoped/1']) {
      expect(await (await fetch(`${url}/${path}`)).json()).toEqual({ id: '1' });
    }
    expect(runs).toEqual(['above 1', 'below 1', 'scoped 1']);
  });
});

describe('several decorators on one method', () => {
  @Injectable()
  class Both {
    @Evict('list:all')
    @WriteThrough('item:{0}')
    @Evict('count:all')
    async save(id: number): Promise<string> {
      runs.push(`save ${id}`);
      return `item ${id}`;
    }
  }

  it('runs them as one plan, whatever their order', async () => {
    const app = await boot([Both]);
    const cache = app.get(CacheService);
    await cache.set('list:all', 'l');
    await cache.set('count:all', 1);
    await app.get(Both).save(1);
    expect(runs).toEqual(['save 1']);
    expect(await Promise.all([cache.get('list:all'), cache.get('count:all'), cache.get('item:1')])).toEqual([
      undefined,
      undefined,
      'item 1',
    ]);
  });
});
