/** Something that hands out messages, with the time of the next. */
export interface Source {
  readonly timeNs: bigint;
  /** Order among messages of the same time: the lower rank comes first. */
  readonly rank: number;
}

/** Sources by the time of their next message: the first in constant, a change in logarithmic time. */
export class MessageHeap<T extends Source> {
  readonly #items: T[] = [];

  get first(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    let at = this.#items.push(item) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = this.#items[above];
      if (parent === undefined || !isBefore(item, parent)) break;
      this.#items[at] = parent;
      at = above;
    }
    this.#items[at] = item;
  }

  /** To be called when the first has got another time. */
  firstChanged(): void {
    const item = this.#items[0];
    if (item !== undefined) this.#sink(item);
  }

  removeFirst(): void {
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) this.#sink(last);
  }

  /** What is left, in no order. */
  [Symbol.iterator](): Iterator<T> {
    return this.#items[Symbol.iterator]();
  }

  /** Puts `item` where it belongs below the top, which is overwritten. */
  #sink(item: T): void {
    const items = this.#items;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let child = items[below];
      if (child === undefined) break;
      const right = items[below + 1];
      if (right !== undefined && isBefore(right, child)) {
        below += 1;
        child = right;
      }
      if (!isBefore(child, item)) break;
      items[at] = child;
      at = below;
    }
    items[at] = item;
  }
}

function isBefore(a: Source, b: Source): boolean {
  return a.timeNs < b.timeNs || (a.timeNs === b.timeNs && a.rank < b.rank);
}
