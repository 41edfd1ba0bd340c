import { TrainingError } from '../../errors.js';

/** Reads little-endian numbers and runs of bytes one after the other, never beyond the end. */
export class ByteCursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = position;
  }

  get remaining(): number {
    return this.#bytes.byteLength - this.position;
  }

  /** A view of the next `length` bytes. @throws TrainingError when there are fewer. */
  take(length: number): Uint8Array {
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /** Lengths beyond 2^53 are rounded, which is far beyond any file. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true));
  }

  float64BigEndian(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** Bytes up to the next newline, which is skipped. @throws TrainingError when there is none within `most` bytes. */
  line(most: number): Uint8Array {
    const end = this.#bytes.subarray(this.position, this.position + most).indexOf(10);
    if (end < 0) throw new TrainingError('a name in its pickle does not end: the file is cut off or damaged');
    const line = this.take(end);
    this.position += 1;
    return line;
  }

  #advance(length: number): number {
    if (!(length <= this.remaining)) {
      throw new TrainingError(
        `its pickle ends at byte ${this.#bytes.byteLength}, expected \`${length}\` more after byte ` +
          `${this.position}: the file is cut off or damaged`,
      );
    }
    const at = this.position;
    this.position += length;
    return at;
  }
}
