import { defineKey } from '@datapunk/cache';
import type { City, Place } from './city.js';

/** A city itself. The version of the row decides which of two values is newer. */
export const cityKey = defineKey('city:{id}').holds<City>({ version: (city) => city.version });

export const visitsKey = defineKey('city:{id}:visits').holds<number>();

/** Which cities are how far from a point: nothing in it ever changes. */
export const nearestKey = defineKey('nearest:{lat},{lon},{limit}').holds<readonly Place[]>();

export const mapKey = defineKey('map:squares').holds<readonly number[]>();
