import { Injectable, Module } from '@nestjs/common';
import { DatapunkCacheModule, defineKey, Evict, ReadThrough, WriteThrough } from '@datapunk/cache';

export interface Product {
  readonly id: number;
  readonly name: string;
}

export const productKey = defineKey('product:{id}').holds<Product>();

@Injectable()
export class Products {
  reads = 0;
  private readonly rows = new Map<number, Product>([[7, { id: 7, name: 'lamp' }]]);

  @ReadThrough(productKey, { ttl: '10m' })
  async find(id: number): Promise<Product | null> {
    this.reads += 1;
    return this.rows.get(id) ?? null;
  }

  @WriteThrough(productKey.at({ id: '0.id' }))
  async save(product: Product): Promise<Product> {
    this.rows.set(product.id, product);
    return product;
  }

  @Evict(productKey)
  async remove(id: number): Promise<void> {
    this.rows.delete(id);
  }
}

@Module({ imports: [DatapunkCacheModule.forRoot({ service: 'shop' })], providers: [Products] })
export class ShopModule {}
