import { Computed } from '@datapunk/cache';
import { Injectable } from '@nestjs/common';
import { CountriesRepository } from './countries.repository.js';
import type { Country, CountryStatistics } from './country.js';

@Injectable()
export class CountriesService {
  constructor(private readonly countries: CountriesRepository) {}

  @Computed({ ttl: '1h' })
  list(): Promise<Country[]> {
    return this.countries.list();
  }

  /** Kept for 30 seconds: for so long it may not know of a changed city. */
  @Computed({ ttl: '30s' })
  statistics(code: string): Promise<CountryStatistics | null> {
    return this.countries.statistics(code);
  }
}
