/** It was done, and too few replicas confirmed it: after a failover nobody may know of it. */
export class Unconfirmed extends Error {
  /** @param said what the script said; nothing of a read */
  constructor(
    readonly said: readonly unknown[],
    replicas: number,
    needed: number,
  ) {
    super(`${replicas} of ${needed} replicas confirmed it in time`);
  }
}

/** Nobody could confirm anything. */
export class NoReplicas extends Error {
  constructor() {
    super('its server has no replica that could confirm it');
  }
}
