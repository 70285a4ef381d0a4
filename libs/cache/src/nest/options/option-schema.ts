import { Allow } from 'class-validator';
import { LEVELS } from '../../core/shared/consistency-level.js';
import {
  Budget,
  Count,
  CountOrFalse,
  Frequency,
  Functions,
  Group,
  GroupOrFalse,
  GroupOrFlag,
  Lifetime,
  LifetimeOrFunction,
  OneOf,
  Optional,
  Patience,
  Predicate,
  Scope,
  Segment,
  Segments,
  Share,
  Size,
  Span,
  SpanOrNone,
} from './option-rules.js';

/** A class whose decorated properties say what an options object may hold. */
export type Schema = new () => object;

/** The schemas of the groups inside a schema, by property. */
export type Groups = Readonly<Record<string, Schema>>;

class LoadTimeoutSchema {
  @Optional() @SpanOrNone() soft: unknown;
  @Optional() @Span() hard: unknown;
}

class StaleIfErrorSchema {
  @Optional() @SpanOrNone() throttle: unknown;
  @Optional() @Predicate() unless: unknown;
}

class EarlyRefreshSchema {
  @Optional() @Frequency() beta: unknown;
  @Optional() @Share() threshold: unknown;
}

export class PolicySchema {
  static readonly groups: Groups = {
    loadTimeout: LoadTimeoutSchema,
    staleIfError: StaleIfErrorSchema,
    earlyRefresh: EarlyRefreshSchema,
  };

  @Optional() @LifetimeOrFunction() ttl: unknown;
  @Optional() @Lifetime() nullTtl: unknown;
  @Optional() @Span() localTtl: unknown;
  @Optional() @Size() maxEntrySize: unknown;
  @Optional() @SpanOrNone() staleFor: unknown;
  @Optional() @GroupOrFalse() staleIfError: unknown;
  @Optional() @GroupOrFlag() earlyRefresh: unknown;
  @Optional() @Group() loadTimeout: unknown;
  @Optional() @OneOf('frozen', 'copy') isolation: unknown;
  @Optional() @OneOf(...LEVELS) level: unknown;
}

export class FeatureSchema extends PolicySchema {
  @Optional() @Segments() entities: unknown;
  @Optional() @Segments() requires: unknown;
}

class HotSchema {
  @Optional() @Size() maxEntrySize: unknown;
  @Optional() @Count() maxEntries: unknown;
}

class LocalSchema {
  static readonly groups: Groups = { hot: HotSchema };

  @Optional() @Budget() budget: unknown;
  @Optional() @Group() hot: unknown;
  @Optional() @SpanOrNone() maxBlind: unknown;
}

class BreakerSchema {
  @Optional() @Count() failures: unknown;
  @Optional() @Span() retryAfter: unknown;
}

class ProtectionSchema {
  static readonly groups: Groups = { breaker: BreakerSchema };

  @Optional() @CountOrFalse() operations: unknown;
  @Optional() @Span() per: unknown;
  @Optional() @Count() connections: unknown;
  @Optional() @Count() refreshes: unknown;
  @Optional() @Patience() patience: unknown;
  @Optional() @GroupOrFalse() breaker: unknown;
}

class LocksSchema {
  @Optional() @OneOf('redis', 'redlock') engine: unknown;
  /** Checked by the driver that knows their forms. */
  @Allow() nodes: unknown;
  @Optional() @Count() replicas: unknown;
}

class LimitsSchema {
  /** Checked one by one. */
  @Optional() @Group() rules: unknown;
  @Optional() @Segments() global: unknown;
  @Optional() @Span() patience: unknown;
}

class AlertsSchema {
  @Optional() @Share() hitRatio: unknown;
  @Optional() @Share() memory: unknown;
  @Optional() @Count() evictions: unknown;
  @Optional() @Span() every: unknown;
  @Optional() @Span() window: unknown;
}

class StalenessSchema {
  @Optional() @Share() sample: unknown;
  @Optional() @Frequency() perSecond: unknown;
}

export class ModuleSchema {
  static readonly groups: Groups = {
    local: LocalSchema,
    protection: ProtectionSchema,
    locks: LocksSchema,
    limits: LimitsSchema,
    staleness: StalenessSchema,
    alerts: AlertsSchema,
    defaults: PolicySchema,
  };

  @Segment() service: unknown;
  @Optional() @Segments() foreignServices: unknown;
  /** Checked by the driver that knows its forms. */
  @Allow() redis: unknown;
  @Optional() @Group() local: unknown;
  @Optional() @Group() protection: unknown;
  @Optional() @Group() locks: unknown;
  @Optional() @Group() limits: unknown;
  @Optional() @GroupOrFalse() staleness: unknown;
  @Optional() @Group() alerts: unknown;
  @Optional() @Scope() transactions: unknown;
  @Optional() @Group() defaults: unknown;
  @Optional() @Group() policies: unknown;
  @Optional() @Functions() context: unknown;
}
