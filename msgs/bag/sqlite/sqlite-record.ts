export type SqliteValue = bigint | number | string | Buffer | null;

/** A variable-length integer of 1 to 9 bytes, at most 2^53: larger ones only occur in damaged records. */
export function readVarint(bytes: Buffer, offset: number): { value: number; next: number } {
  let value = 0;
  for (let at = offset; at < offset + 8; at++) {
    const byte = bytes.readUInt8(at);
    value = value * 128 + (byte & 0x7f);
    if ((byte & 0x80) === 0) return { value, next: at + 1 };
  }
  return { value: value * 256 + bytes.readUInt8(offset + 8), next: offset + 9 };
}

/** Where a column's value lies in its record, and how it is stored. */
export interface ColumnSlot {
  readonly serialType: number;
  readonly offset: number;
  readonly length: number;
}

/** Columns of the record in `payload`, whose values may lie beyond its end. Throws RangeError where it is damaged. */
export function columnSlots(payload: Buffer): ColumnSlot[] {
  const header = readVarint(payload, 0);
  if (header.value > payload.length) throw new RangeError('record header runs over its end');
  const slots: ColumnSlot[] = [];
  let offset = header.value;
  for (let at = header.next; at < header.value; ) {
    const { value: serialType, next } = readVarint(payload, at);
    const length = serialLength(serialType);
    slots.push({ serialType, offset, length });
    offset += length;
    at = next;
  }
  return slots;
}

function serialLength(serialType: number): number {
  if (serialType >= 12) return Math.floor((serialType - 12) / 2);
  return [0, 1, 2, 3, 4, 6, 8, 8, 0, 0][serialType] ?? 0;
}

/** Whether a column holds a BLOB. Source: SQLite file format, section 2.1 (serial types). */
export function isBlob({ serialType }: ColumnSlot): boolean {
  return serialType >= 12 && serialType % 2 === 0;
}

/** A value that lies completely in `payload`. Integers are bigints. */
export function columnValue(payload: Buffer, slot: ColumnSlot): SqliteValue {
  const { serialType, offset, length } = slot;
  if (offset + length > payload.length) throw new RangeError('column runs over the end of its record');
  if (serialType === 0) return null;
  if (serialType === 8 || serialType === 9) return BigInt(serialType - 8);
  if (serialType === 7) return payload.readDoubleBE(offset);
  if (serialType === 6) return payload.readBigInt64BE(offset);
  if (serialType < 6) return BigInt(payload.readIntBE(offset, length));
  if (isBlob(slot)) return payload.subarray(offset, offset + length);
  return payload.toString('utf8', offset, offset + length);
}
