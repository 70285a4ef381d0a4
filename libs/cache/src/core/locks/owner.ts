import type { Random } from '../shared/random.js';

/** 128 random bits as 32 hexadecimal digits: who holds a lock. */
export function newOwner(random: Random): string {
  let owner = '';
  for (let part = 0; part < 4; part += 1)
    owner += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return owner;
}
