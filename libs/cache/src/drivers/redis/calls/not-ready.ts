/** Nothing was sent: there is nobody to send it to. */
export class NotReady extends Error {
  constructor() {
    super('there is no connection');
  }
}
