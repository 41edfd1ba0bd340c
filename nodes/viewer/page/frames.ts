import type { PanelName } from '../page-protocol.js';
import type { Frame } from './store.js';

/** Pictures that are kept, so that masks are drawn on the picture that they were made of. */
const MOST_KEPT = 6;

/** The frames that are shown, and who draws them. */
export class Frames {
  readonly #latest = new Map<PanelName, Frame>();
  readonly #pictures: Frame[] = [];
  readonly #listeners = new Set<(panel: PanelName) => void>();

  put(panel: PanelName, frame: Frame): void {
    this.#latest.set(panel, frame);
    if (panel === 'camera') {
      this.#pictures.push(frame);
      if (this.#pictures.length > MOST_KEPT) this.#pictures.shift()?.bitmap?.close();
    }
    for (const listener of this.#listeners) listener(panel);
  }

  latest(panel: PanelName): Frame | undefined {
    return this.#latest.get(panel);
  }

  /** The camera's picture of that moment, or else the newest. */
  pictureAt(timeNs: string | undefined): Frame | undefined {
    return this.#pictures.find(({ head }) => head.timeNs === timeNs) ?? this.#pictures.at(-1);
  }

  /** Nothing is known any more: something else is shown. */
  clear(): void {
    const panels = [...this.#latest.keys()];
    for (const { bitmap } of this.#pictures.splice(0)) bitmap?.close();
    this.#latest.clear();
    for (const panel of panels) for (const listener of this.#listeners) listener(panel);
  }

  subscribe(listener: (panel: PanelName) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
