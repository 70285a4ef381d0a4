/** The monotonic clock that all processes of a host share, ms. */
export const hostTime = (): number => Number(process.hrtime.bigint()) / 1e6;
