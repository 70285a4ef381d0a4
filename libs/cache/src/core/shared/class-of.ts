/** A class whose instances a cached value may be. Its constructor is never run when a value is revived. */
export type ClassOf<T = unknown> = abstract new (...args: never[]) => T;
