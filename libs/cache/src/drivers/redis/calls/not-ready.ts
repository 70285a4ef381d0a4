/** Nothing was sent: there is nobody to send it to. */
export class NotReady extends Error {
  constructor() {
    super('there is no connection');
  }
}

/** Nothing was sent: whoever would have to answer has not done so lately. */
export class NotAnswering extends Error {
  constructor() {
    super('it has not answered lately');
  }
}
