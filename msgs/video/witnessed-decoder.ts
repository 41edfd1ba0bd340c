import type { DecodedPicture, PictureDecoder } from './picture-decoder.js';
import { withTails } from './with-tails.js';

/**
 * A decoder of H.265 with a witness, which gets the same slices with other bytes behind them. libavcodec reads on behind a slice
 * that was cut short, and marks nothing: the two give different pictures then.
 */
export class WitnessedDecoder implements PictureDecoder {
  readonly #decoder: PictureDecoder;
  readonly #witness: PictureDecoder;

  constructor(decoder: PictureDecoder, witness: PictureDecoder) {
    this.#decoder = decoder;
    this.#witness = witness;
  }

  async send(data: Uint8Array, id: number): Promise<string | undefined> {
    const [refusal, other] = await Promise.all([
      this.#decoder.send(data, id),
      this.#witness.send(withTails(data), id),
    ]);
    return refusal ?? other;
  }

  async finish(): Promise<void> {
    await Promise.all([this.#decoder.finish(), this.#witness.finish()]);
  }

  async receive(): Promise<DecodedPicture | undefined> {
    const [picture, other] = await Promise.all([this.#decoder.receive(), this.#witness.receive()]);
    if (picture === undefined || picture.fault !== undefined) return picture;
    const same = other !== undefined && other.id === picture.id && other.planes().equals(picture.planes());
    return same ? picture : { ...picture, fault: 'cut' };
  }

  flush(): void {
    this.#decoder.flush();
    this.#witness.flush();
  }

  close(): void {
    this.#decoder.close();
    this.#witness.close();
  }
}
