import {
  COMPRESSIONS,
  isKnownOpcode,
  MESSAGE_FIXED,
  opcodes,
  parseChunkHeader,
  type RecordFrame,
} from './mcap-records.js';

/**
 * How far a record can be believed. `certain` begins like nothing else would, `plausible` has a known kind and lies within
 * the file, `cut` is a chunk that the file ends in.
 */
export type RecordVerdict = 'footer' | 'senseless' | 'cut' | 'certain' | 'plausible';

/**
 * Judges a record by its head alone.
 * @param left bytes of the file from the record's first on.
 * @param hasChannel whether messages of a channel are known to exist.
 */
export function recordVerdict(
  frame: RecordFrame | undefined,
  head: Buffer,
  left: number,
  hasChannel: (id: number) => boolean,
): RecordVerdict {
  if (frame === undefined || !isKnownOpcode(frame.opcode)) return 'senseless';
  const length = frame.end - frame.start;
  if (frame.opcode === opcodes.footer) return length === 20 ? 'footer' : 'senseless';
  const isCut = frame.end > left;
  if (frame.opcode === opcodes.chunk) {
    const chunk = parseChunkHeader(head, frame.start, frame.end);
    if (chunk === undefined || !COMPRESSIONS.includes(chunk.compression)) return 'senseless';
    return isCut ? 'cut' : 'certain';
  }
  if (isCut) return 'senseless';
  if (frame.opcode === opcodes.message) {
    if (length < MESSAGE_FIXED) return 'senseless';
    return hasChannel(head.readUInt16LE(frame.start)) ? 'certain' : 'senseless';
  }
  return 'plausible';
}
