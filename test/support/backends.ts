import type { CacheModuleOptions } from '@datapunk/cache';

/** Where the pattern and decorator suites run; each backend is what a user would configure. */
export interface Backend {
  readonly name: string;
  readonly options: Omit<CacheModuleOptions, 'service'>;
}

export const BACKENDS: readonly Backend[] = [{ name: 'embedded', options: {} }];
