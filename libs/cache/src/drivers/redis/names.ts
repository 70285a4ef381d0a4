/** The channel on which the processes of a service tell each other what has changed. */
export function busChannel(service: string): string {
  return `coord:${service}:bus`;
}
