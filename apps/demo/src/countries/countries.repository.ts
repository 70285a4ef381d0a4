import { Inject, Injectable } from '@nestjs/common';
import { type Database, DATABASE } from '../database/database.js';
import type { Country, CountryStatistics } from './country.js';

const STATISTICS = `
  SELECT country_code AS code,
    count(*)::integer AS cities,
    sum(population)::float8 AS population,
    round(avg(population))::float8 AS "meanPopulation",
    percentile_cont(0.5) WITHIN GROUP (ORDER BY population) AS "medianPopulation",
    (SELECT json_build_object('id', id, 'name', name, 'population', population)
     FROM cities WHERE country_code = $1 ORDER BY population DESC, id LIMIT 1) AS largest
  FROM cities
  WHERE country_code = $1
  GROUP BY country_code`;

/** All SQL about countries. Knows nothing of the cache. */
@Injectable()
export class CountriesRepository {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  list(): Promise<Country[]> {
    return this.database.query<Country>(
      'SELECT country_code AS code, count(*)::integer AS cities FROM cities GROUP BY country_code ORDER BY country_code',
    );
  }

  async statistics(code: string): Promise<CountryStatistics | null> {
    const rows = await this.database.query<CountryStatistics>(STATISTICS, [code]);
    return rows[0] ?? null;
  }
}
