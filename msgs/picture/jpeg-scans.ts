/** How a jpeg's picture is stored. */
export interface JpegScans {
  /** Passes over the picture: 1 in what cameras write, about 10 in progressive files. */
  readonly count: number;
  /** Whether the end marker is there. */
  readonly ended: boolean;
}

const SOS = 0xda;
const EOI = 0xd9;

/**
 * Counts the scans of a jpeg from its frame header on. A decoder goes over all pixels once a scan, however few bytes that
 * has, so their number is what a small file can cost.
 */
export function jpegScans(bytes: Uint8Array, frameOffset: number): JpegScans {
  let count = 0;
  let at = frameOffset;
  while (at + 1 < bytes.length) {
    const found = bytes.indexOf(0xff, at);
    if (found < 0 || found + 1 >= bytes.length) break;
    const marker = bytes[found + 1] as number; // within the array by the condition above
    if (marker === EOI) return { count, ended: true };
    if (marker === SOS) count += 1;
    // Stuffed bytes, restarts and fill bytes are within a scan; other segments say how long they are.
    const within = marker === 0x00 || marker === 0xff || (marker >= 0xd0 && marker <= 0xd7);
    if (within) at = marker === 0xff ? found + 1 : found + 2;
    else at = found + 2 + Math.max(2, ((bytes[found + 2] ?? 0) << 8) | (bytes[found + 3] ?? 0));
  }
  return { count, ended: false };
}
