/**
 * The one whose turn it is has so long to ask, ms. Then the next one's turn comes: a process that died in line holds up
 * those behind it no longer.
 */
export const OFFER_MS = 800;

/** A place in line ends after this, ms, unless its owner asks again. */
export const PLACE_MS = 3_000;

/**
 * Who stands in line asks again after this at the latest, ms: an end by itself is told to nobody, and a message may be
 * lost. Half an offer, so that a lost message costs nobody their turn.
 */
export const ASK_AGAIN_MS = OFFER_MS / 2;
