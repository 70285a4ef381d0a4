/** For the spec of `AppProcess`: counts as long as it is let. */
export function start({ first }: { readonly first: number }, tell: (what: string) => void) {
  let count = first;
  setInterval(() => (count += 1), 5);
  tell('counting');
  return {
    count: () => count,
    twice: (value: bigint) => value * 2n,
    fail: () => {
      throw new TypeError('told to');
    },
    never: () => new Promise<never>(() => undefined),
  };
}
