/** Stamps remembered at most: half a minute of a fast camera. */
const MOST = 1000;

/**
 * Counts the images that DDS replaced by newer ones while the node was busy (`Demand`): each has sent its camera_info, which
 * is always received. A driver that sends one camera_info for all leaves nothing to count.
 */
export class UnseenImages {
  #stamps: bigint[] = [];
  #lastNs: bigint | undefined;
  #busy = false;

  /** A camera_info came. @param busy whether images are left with DDS */
  info(stampNs: bigint, busy: boolean): void {
    this.#busy ||= busy;
    this.#stamps.push(stampNs);
    if (this.#stamps.length > MOST) this.#stamps.shift();
  }

  /** An image came. @returns how many between the one before and this one were never seen */
  image(stampNs: bigint): number {
    const lastNs = this.#lastNs;
    const unseen = this.#stamps.filter((stamp) => lastNs !== undefined && stamp > lastNs && stamp < stampNs);
    const count = this.#busy ? unseen.length : 0;
    this.#stamps = this.#stamps.filter((stamp) => stamp > stampNs);
    this.#lastNs = stampNs;
    this.#busy = false;
    return count;
  }
}
