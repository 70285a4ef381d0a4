/** The key of a scope and identity, `{scope},{identity}`. */
export function ratelimitKey(service: string, key: string): string {
  return `coord:${service}:ratelimit:${key}`;
}
