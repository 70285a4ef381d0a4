/** How many connections one application may have to Redis, all its clients and nodes together. */
export class ConnectionLimit {
  #open = 0;

  constructor(readonly most: number) {}

  /** @throws {Error} with the code `CONNECTION_LIMIT` where there are as many as may be. */
  take(): void {
    if (this.#open >= this.most) {
      const message = `there are ${this.most} connections already`;
      throw Object.assign(new Error(message), { code: 'CONNECTION_LIMIT' });
    }
    this.#open += 1;
  }

  giveBack(): void {
    this.#open -= 1;
  }
}
