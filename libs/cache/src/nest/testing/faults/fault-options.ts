/** Which operations a fault strikes. */
export interface FaultOptions {
  /** A full key (`'app:lake:user:1'`), or says of one whether it is struck. Default: every key. */
  key?: string | ((key: string) => boolean) | undefined;
  /** The share of what would be struck that is: above 0, at most 1. Default 1, all of it. */
  share?: number | undefined;
  /** After so many the fault is over. Default: when it is ended. */
  times?: number | undefined;
}

/** Which operations of a layer a fault strikes. */
export interface LayerFaultOptions extends FaultOptions {
  /** `'read'`: looks and claims; `'write'`: whatever changes something, fills included. Default: both. */
  on?: 'read' | 'write' | undefined;
}

/** Ends a fault; once it is over, does nothing. */
export type EndFault = () => void;
