export interface City {
  readonly id: number;
  readonly name: string;
  /** ISO 3166-1, two letters */
  readonly country: string;
  readonly population: number;
  readonly latitude: number;
  readonly longitude: number;
  /** version of the row: one more with every change */
  readonly version: number;
}

/** a city as seen from a point; neither half ever changes */
export interface Place {
  readonly id: number;
  /** great-circle distance */
  readonly km: number;
}

export type NearbyCity = City & Place;
