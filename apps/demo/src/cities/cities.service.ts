import { CacheAside, currentLock, Locked, ReadThrough, WriteThrough } from '@datapunk/cache';
import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { CityChange, NearestQuery } from './cities.dto.js';
import { CitiesRepository } from './cities.repository.js';
import { cityKey, mapKey, nearestKey, visitsKey } from './city.keys.js';
import type { City, NearbyCity, Place } from './city.js';

@Injectable()
export class CitiesService {
  constructor(private readonly cities: CitiesRepository) {}

  /**
   * The slow half, which cities are how far, is cached for the point. What changes, a city's name and population, comes
   * from the city's own profile: so a changed city is right at once in every list that shows it.
   */
  async nearest(query: NearestQuery): Promise<NearbyCity[]> {
    const places = await this.places(query);
    return Promise.all(places.map(async ({ id, km }) => ({ ...(await this.known(id)), km })));
  }

  @ReadThrough(nearestKey.at({ lat: '0.lat', lon: '0.lon', limit: '0.limit' }), { ttl: '1h' })
  async places(query: NearestQuery): Promise<readonly Place[]> {
    const nearest = await this.cities.nearest(query);
    return nearest.map(({ id, km }) => ({ id, km }));
  }

  @ReadThrough(cityKey, { ttl: '10m' })
  profile(id: number): Promise<City | null> {
    return this.cities.find(id);
  }

  async known(id: number): Promise<City> {
    const city = await this.profile(id);
    if (!city) throw unknown(id);
    return city;
  }

  /** One at a time in the fleet. A process that lost the lock without knowing is stopped by the row itself. */
  @Locked('city:{0}', { wait: '2s' })
  @WriteThrough(cityKey, { ttl: '10m' })
  async change(id: number, change: CityChange): Promise<City> {
    const city = await this.cities.change(id, change, currentLock()?.token ?? 0n);
    if (city) return city;
    if (await this.cities.find(id)) throw new ConflictException(`city ${id} is changed by somebody else, try again`);
    throw unknown(id);
  }

  @ReadThrough(visitsKey, { ttl: '10m' })
  visits(id: number): Promise<number> {
    return this.cities.visits(id);
  }

  @CacheAside(visitsKey, { ttl: '10m' })
  visit(id: number): Promise<number> {
    return this.cities.visit(id);
  }

  @ReadThrough(mapKey, { ttl: '1h' })
  worldMap(): Promise<readonly number[]> {
    return this.cities.worldMap();
  }
}

function unknown(id: number): NotFoundException {
  return new NotFoundException(`there is no city ${id}`);
}
