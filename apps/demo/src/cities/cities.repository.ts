import { fenced } from '@datapunk/cache';
import { Inject, Injectable } from '@nestjs/common';
import { type Database, DATABASE } from '../database/database.js';
import type { CityChange, NearestQuery } from './cities.dto.js';
import type { City, NearbyCity } from './city.js';
import { CITY_COLUMNS, NEAREST, WORLD_MAP } from './cities.sql.js';

/** All SQL about cities. Knows nothing of what is cached. */
@Injectable()
export class CitiesRepository {
  constructor(@Inject(DATABASE) private readonly database: Database) {}

  nearest({ lat, lon, limit }: NearestQuery): Promise<NearbyCity[]> {
    return this.database.query<NearbyCity>(NEAREST, [lat, lon, limit]);
  }

  async find(id: number): Promise<City | null> {
    const rows = await this.database.query<City>(`SELECT ${CITY_COLUMNS} FROM cities WHERE id = $1`, [id]);
    return rows[0] ?? null;
  }

  /** Changes the city unless it was changed under a later lock than that of this token: then there is no row to give. */
  async change(id: number, { name, population }: CityChange, token: bigint): Promise<City | null> {
    const fence = fenced(token, { parameter: 4 });
    const rows = await this.database.query<City>(
      `UPDATE cities
       SET name = coalesce($2, name), population = coalesce($3, population), version = version + 1, ${fence.set}
       WHERE id = $1 AND ${fence.where}
       RETURNING ${CITY_COLUMNS}`,
      [id, name ?? null, population ?? null, fence.value],
    );
    return rows[0] ?? null;
  }

  async visits(id: number): Promise<number> {
    const rows = await this.database.query<{ visits: number }>(
      'SELECT visits::float8 AS visits FROM city_visits WHERE city_id = $1',
      [id],
    );
    return rows[0]?.visits ?? 0;
  }

  /** Counts in one statement, so that two visitors at once are two visits. */
  async visit(id: number): Promise<number> {
    const rows = await this.database.query<{ visits: number }>(
      `INSERT INTO city_visits (city_id, visits) VALUES ($1, 1)
       ON CONFLICT (city_id) DO UPDATE SET visits = city_visits.visits + 1
       RETURNING visits::float8 AS visits`,
      [id],
    );
    return rows[0]?.visits ?? 0;
  }

  /** [longitude, latitude, cities, …]: the number of cities in each square of one degree that has any */
  async worldMap(): Promise<number[]> {
    const rows = await this.database.query<{ square: number[] }>(WORLD_MAP);
    return rows.flatMap(({ square }) => square);
  }
}
