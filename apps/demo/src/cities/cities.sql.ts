/** bigint columns become float8, exact up to 2^53, because the two drivers differ in what they make of a bigint. */
export const CITY_COLUMNS = `id, name, country_code AS country, population::float8 AS population,
  latitude, longitude, version::float8 AS version`;

/**
 * Haversine over all rows, then a top-N sort: about 100 ms for 135,000 cities.
 *
 * No index of plain PostgreSQL helps. The distance depends on the point asked for, so it cannot be indexed beforehand. A
 * B-tree on latitude prunes only when a radius is known, and here it is not: the tenth city may be 2 km away or 2000. A
 * GiST index on `point` does find nearest neighbours, but on a flat map, where a degree of longitude is as long at 70°
 * north as at the equator and -179.9° is far from 179.9°. With PostGIS or earthdistance it would be an index scan: this
 * query stands for those that are slow for a good reason, on the database at hand.
 */
export const NEAREST = `
  SELECT ${CITY_COLUMNS},
    2 * 6371.0088 * asin(least(1, sqrt(
      power(sin(radians(latitude - $1::float8) / 2), 2) +
      cos(radians($1::float8)) * cos(radians(latitude)) * power(sin(radians(longitude - $2::float8) / 2), 2)
    ))) AS km
  FROM cities
  ORDER BY km, id
  LIMIT $3::integer`;

export const WORLD_MAP = `
  SELECT ARRAY[floor(longitude)::integer, floor(latitude)::integer, count(*)::integer] AS square
  FROM cities
  GROUP BY floor(longitude), floor(latitude)`;
