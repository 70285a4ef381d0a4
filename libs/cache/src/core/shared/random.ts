/** A number in [0, 1), injected so that specs can say what chance does. */
export type Random = () => number;
