import path from 'node:path';
import { CITYSCAPES_CLASSES } from '../../../models/class-table.js';
import { labelPicture } from '../../../msgs/picture/label-picture.js';
import { maskPicture } from '../../../msgs/picture/mask-picture.js';
import { panel } from '../../../msgs/picture/panel.js';
import { writePng } from '../../../msgs/picture/write-png.js';
import type { EvaluatedLabels } from '../evaluate-frames.js';
import { pictureName } from './picture-name.js';

const PALETTE = CITYSCAPES_CLASSES.map(({ color }) => color);

/** Writes panels camera | labels | true labels | wrong pixels for every n-th image, to `labels_NAME.png`. */
export class LabelPanels {
  readonly #folder: string;
  readonly #every: number;
  #count = 0;

  constructor(folder: string, every: number) {
    this.#folder = folder;
    this.#every = every;
  }

  async add({ name, picture, truth, predicted }: EvaluatedLabels): Promise<void> {
    if (this.#count++ % this.#every !== 0) return;
    const { height, width } = picture;
    const counts = (trainId: number | undefined) => (trainId ?? 255) < CITYSCAPES_CLASSES.length;
    const wrong = truth.map((trainId, i) => (counts(trainId) && trainId !== predicted[i] ? 255 : 0));
    const counted = truth.reduce((sum, trainId) => sum + (counts(trainId) ? 1 : 0), 0);
    const share = wrong.reduce((sum, value) => sum + (value === 0 ? 0 : 1), 0) / counted;
    const tiles = [
      { caption: name, picture },
      { caption: 'labels', picture: labelPicture(predicted, height, width, PALETTE) },
      { caption: 'true labels', picture: labelPicture(truth, height, width, PALETTE) },
      { caption: `wrong: ${(100 * share).toFixed(1)}%`, picture: maskPicture(picture, wrong) },
    ];
    await writePng(
      path.join(this.#folder, `labels_${pictureName(name)}`),
      panel(tiles, { tileWidth: Math.min(width, 960) }),
    );
  }
}
