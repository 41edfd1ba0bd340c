/** A start code follows this many bytes, or one more, of which the first is 0. */
const PREFIX = Buffer.from([0, 0, 1]);

/** The NAL units of a byte stream with start codes, without them. Source: ITU-T H.264 and H.265, annex B. */
export function nalUnits(data: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const units: Uint8Array[] = [];
  let start = bytes.indexOf(PREFIX);
  while (start >= 0) {
    const next = bytes.indexOf(PREFIX, start + PREFIX.length);
    const from = start + PREFIX.length;
    let to = next < 0 ? bytes.length : next;
    // Zeros before a start code, or at the end, belong to no unit.
    while (to > from && bytes[to - 1] === 0) to -= 1;
    if (to > from) units.push(bytes.subarray(from, to));
    start = next;
  }
  return units;
}

/** Whether the bytes begin with a start code. */
export function isAnnexB(data: Uint8Array): boolean {
  const zeros = data.findIndex((byte) => byte !== 0);
  return zeros >= 2 && data[zeros] === 1;
}
