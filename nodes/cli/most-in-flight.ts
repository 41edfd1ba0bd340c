/**
 * Most frames that are read and not yet written; also the number of frames whose measurements do not count yet for a frame's scale.
 */
export const MOST_IN_FLIGHT = 12;
