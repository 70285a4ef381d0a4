import { IsInt, IsNumber, Length, Matches, Max, Min, ValidateIf } from 'class-validator';

type Fields = Readonly<Record<string, unknown>>;

// one sentence a field, whichever of its rules is broken
const LAT = { message: 'lat must be a number from -90 to 90' };
const LON = { message: 'lon must be a number from -180 to 180' };
const LIMIT = { message: 'limit must be a whole number from 1 to 50' };
const NAME = { message: 'name must be 1 to 100 characters, none of them a control character' };
const POPULATION = { message: 'population must be a whole number from 0 to 1000000000' };

/** `?lat=48.8566&lon=2.3522&limit=10` */
export class NearestQuery {
  /** degrees, cut to four decimals (11 m), so that the same spot written with more digits is the same key */
  @IsNumber({}, LAT)
  @Min(-90, LAT)
  @Max(90, LAT)
  readonly lat: number;

  @IsNumber({}, LON)
  @Min(-180, LON)
  @Max(180, LON)
  readonly lon: number;

  @IsInt(LIMIT)
  @Min(1, LIMIT)
  @Max(50, LIMIT)
  readonly limit: number;

  constructor({ lat, lon, limit = '10' }: Fields) {
    this.lat = degrees(lat);
    this.lon = degrees(lon);
    this.limit = number(limit);
  }
}

/** what PATCH may change; at least one of the two */
export class CityChange {
  @ValidateIf(given)
  @Length(1, 100, NAME)
  @Matches(/^[^\p{Cc}]*$/u, NAME)
  readonly name: string | undefined;

  @ValidateIf(given)
  @IsInt(POPULATION)
  @Min(0, POPULATION)
  @Max(1_000_000_000, POPULATION)
  readonly population: number | undefined;

  constructor({ name, population }: Fields) {
    this.name = (typeof name === 'string' ? name.trim() : name) as string | undefined;
    this.population = population as number | undefined;
  }
}

function given(_change: object, value: unknown): boolean {
  return value !== undefined;
}

function number(text: unknown): number {
  return typeof text === 'string' && text.trim() !== '' ? Number(text) : Number.NaN;
}

function degrees(text: unknown): number {
  // `+ 0` turns -0 into 0: one place, one key
  return Math.round(number(text) * 10_000) / 10_000 + 0;
}
