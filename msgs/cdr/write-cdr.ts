import { CdrWriter } from './cdr-writer.js';

/** Runs `write` twice: to measure, then into a buffer of exactly that size. */
export function writeCdr(write: (writer: CdrWriter) => void): Uint8Array {
  const measure = new CdrWriter();
  write(measure);
  const bytes = new Uint8Array(measure.offset);
  write(new CdrWriter(bytes));
  return bytes;
}
