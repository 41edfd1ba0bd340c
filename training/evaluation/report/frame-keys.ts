/** Tells the messages of one topic apart, also where a driver gives several the same stamp: by their order. */
export class FrameKeys {
  readonly #seen = new Map<bigint, number>();

  /** The key of a topic's next message. Messages of other topics have it too, where they tell of the same frame. */
  next(stampNs: bigint): string {
    const order = this.#seen.get(stampNs) ?? 0;
    this.#seen.set(stampNs, order + 1);
    return order === 0 ? String(stampNs) : `${stampNs}+${order}`;
  }
}
