import type { Alert, AlertName } from '../../core/events/alert.js';
import type { EventHub } from '../../core/events/event-hub.js';
import { ALERT_RULES, type AlertLimits, type AlertRule } from './alert-rules.js';
import type { Samples } from './sample.js';

/** What is the matter now, and since when. Tells when something begins to be, and when it ends. */
export class Alerts {
  readonly #raised = new Map<AlertName, Alert & { readonly since: number }>();

  constructor(
    private readonly limits: AlertLimits,
    private readonly events: Pick<EventHub, 'emit'>,
  ) {}

  get raised(): readonly (Alert & { readonly since: number })[] {
    return [...this.#raised.values()];
  }

  judge(samples: Samples): void {
    const at = samples.last?.at ?? 0;
    for (const rule of ALERT_RULES) this.#judge(rule, samples, at);
  }

  #judge(rule: AlertRule, samples: Samples, at: number): void {
    const { name, severity } = rule;
    const known = this.#raised.get(name);
    const limit = rule.limitOf(this.limits);
    const value = rule.valueOf(samples);
    if (value === undefined || !rule.isPast(value, limit)) {
      if (known === undefined) return;
      this.#raised.delete(name);
      this.events.emit({ type: 'alert-cleared', name, severity, ms: at - known.since });
      return;
    }
    const alert = { name, severity, value, limit, message: rule.say(value, limit) };
    this.#raised.set(name, { ...alert, since: known?.since ?? at });
    if (known === undefined) this.events.emit({ type: 'alert-raised', ...alert });
  }
}
