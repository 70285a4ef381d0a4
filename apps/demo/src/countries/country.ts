export interface Country {
  /** ISO 3166-1, two letters */
  readonly code: string;
  readonly cities: number;
}

export interface CountryStatistics extends Country {
  /** of all its cities together */
  readonly population: number;
  readonly meanPopulation: number;
  readonly medianPopulation: number;
  readonly largest: { readonly id: number; readonly name: string; readonly population: number };
}
