/** What decorated methods run on. The description is what Nest prints when the root module was forgotten. */
export const CACHE_RUNTIME = Symbol.for('DatapunkCacheModule.forRoot() in the root module');

/** The options of `forRoot` as given. */
export const CACHE_OPTIONS = Symbol.for('@datapunk/cache:options');

/** The same, checked and complete. */
export const RESOLVED_OPTIONS = Symbol.for('@datapunk/cache:resolved-options');

/** The cache and what it stands on. */
export const CACHE_COMPOSITION = Symbol.for('@datapunk/cache:composition');

/** Time and chance. */
export const CACHE_WORLD = Symbol.for('@datapunk/cache:world');
