import { ReadThrough } from '@datapunk/cache';

export class Refused {
  @ReadThrough('product:{1}')
  async find(id: number): Promise<number> {
    return id;
  }
}
