/** Stores that no caller waits for; a round is over when they are done too. */
export function pendingStores() {
  let pending = 0;
  let over = () => {};
  const done = () => {
    pending -= 1;
    if (pending === 0) over();
  };
  return {
    add: (store) => {
      pending += 1;
      store.then(done, (error) => {
        // A store that failed is no store: the figure would be a lie.
        console.error(error);
        process.exit(1);
      });
    },
    settled: () => (pending === 0 ? undefined : new Promise((resolve) => (over = resolve))),
  };
}
