/** What is asked for, and by how many at once. */
export const CALLERS = 64;

/** About 200 bytes as MessagePack. */
export const product = (id) => ({
  id,
  name: `Product number ${id}`,
  price: (id % 10_000) * 1.05,
  currency: 'EUR',
  stock: id % 500,
  active: id % 3 !== 0,
  tags: ['garden', 'tools', `series-${id % 50}`],
  maker: { id: id % 100, name: 'Kitchen & Garden Ltd', country: 'DE' },
  updatedAt: '2026-11-22T10:00:00.000Z',
});
