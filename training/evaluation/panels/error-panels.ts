import path from 'node:path';
import { depthPicture } from '../../../msgs/picture/depth-picture.js';
import { panel } from '../../../msgs/picture/panel.js';
import { type RgbPicture, rgbPicture } from '../../../msgs/picture/rgb-picture.js';
import { writePng } from '../../../msgs/picture/write-png.js';
import type { SparseDepth } from '../../datasets/stores/sparse-depth.js';
import type { EvaluatedImage } from '../metrics/depth-tally.js';
import { depthErrorPicture } from './depth-error-picture.js';
import { pictureName } from './picture-name.js';

export interface ErrorPanelOptions {
  readonly folder: string;
  /** A panel for every n-th image. */
  readonly every: number;
  readonly capMeters: number;
  readonly medianScaling: boolean;
}

/** Writes panels camera | prediction | truth | relative error while the evaluation passes by. */
export class ErrorPanels {
  readonly #options: ErrorPanelOptions;
  #count = 0;

  constructor(options: ErrorPanelOptions) {
    this.#options = options;
  }

  /** @param camera only asked for the images that are drawn; black where it is undefined or of another size. */
  async add(
    { name, truth, predictedMeters, metrics }: EvaluatedImage,
    camera: () => Promise<RgbPicture | undefined>,
  ): Promise<void> {
    const { folder, every, capMeters, medianScaling } = this.#options;
    if (this.#count++ % every !== 0) return;
    const { height, width } = truth;
    const taken = await camera();
    const picture = taken?.width === width && taken.height === height ? taken : rgbPicture(width, height);
    const scale = medianScaling && Number.isFinite(metrics.ratio) ? metrics.ratio : 1;
    const scaled = predictedMeters.map((depth) => depth * scale);
    const scaleText = medianScaling ? ` x ${scale.toFixed(3)}` : '';
    const tiles = [
      { caption: name, picture },
      { caption: `prediction${scaleText}`, picture: depthPicture(scaled, height, width) },
      { caption: 'truth', picture: truthPicture(truth) },
      {
        caption: `|p - t| / t: green 0, yellow 0.25, red 0.5; mean ${metrics.absRel.toFixed(3)}`,
        picture: depthErrorPicture(picture, truth, scaled, capMeters),
      },
    ];
    await writePng(path.join(folder, pictureName(name)), panel(tiles));
  }
}

/** Sparse depths as dots of 3 x 3 pixels, near over far. */
function truthPicture(truth: SparseDepth): RgbPicture {
  const { height, width } = truth;
  const dense = new Float32Array(height * width).fill(Number.NaN);
  for (let i = 0; i < truth.depthMeters.length; i++) {
    const depth = truth.depthMeters[i] ?? Number.NaN;
    const row = truth.rows[i] ?? 0;
    const column = truth.columns[i] ?? 0;
    for (let y = Math.max(0, row - 1); y <= Math.min(height - 1, row + 1); y++) {
      for (let x = Math.max(0, column - 1); x <= Math.min(width - 1, column + 1); x++) {
        const seen = dense[y * width + x] ?? Number.NaN;
        if (!(seen < depth)) dense[y * width + x] = depth;
      }
    }
  }
  return depthPicture(dense, height, width);
}
