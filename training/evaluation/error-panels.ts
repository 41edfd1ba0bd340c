import path from 'node:path';
import type { BagReader } from '../../msgs/bag/bag-reader.js';
import { type CompressedImage, compressedImageCodec } from '../../msgs/compressed-image.js';
import { type Image, imageCodec } from '../../msgs/image.js';
import { depthPicture } from '../../msgs/picture/depth-picture.js';
import { panel } from '../../msgs/picture/panel.js';
import { type RgbPicture, rgbPicture } from '../../msgs/picture/rgb-picture.js';
import { writePng } from '../../msgs/picture/write-png.js';
import { stampedMessages } from './bag-topics.js';
import { cameraPicture } from './camera-picture.js';
import { type CameraTopics, COMPRESSED_TYPE } from './camera-topics.js';
import { depthErrorPicture } from './depth-error-picture.js';
import type { EvaluatedImage } from './evaluate-depth.js';
import type { Stamped } from './match-stamps.js';
import type { SparseDepth } from './sparse-depth.js';

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
  readonly #images: AsyncIterator<Stamped<Image | CompressedImage>> | undefined;
  #held: Stamped<Image | CompressedImage> | undefined;
  #count = 0;

  /** Without an image topic the camera's place stays black. */
  constructor(bag: BagReader, image: CameraTopics['image'], options: ErrorPanelOptions) {
    this.#options = options;
    if (image === undefined) return;
    this.#images =
      image.type === COMPRESSED_TYPE
        ? stampedMessages(bag, image.topic, compressedImageCodec)
        : stampedMessages(bag, image.topic, imageCodec);
  }

  /** Files are named by the stamp in nanoseconds. */
  async add({ stampNs, truth, predictedMeters, metrics }: EvaluatedImage): Promise<void> {
    const { folder, every, capMeters, medianScaling } = this.#options;
    if (this.#count++ % every !== 0) return;
    const camera = await this.#camera(stampNs, truth);
    const scale = medianScaling && Number.isFinite(metrics.ratio) ? metrics.ratio : 1;
    const scaled = predictedMeters.map((depth) => depth * scale);
    const scaleText = medianScaling ? ` x ${scale.toFixed(3)}` : '';
    const picture = panel([
      { caption: `camera ${stampNs} ns`, picture: camera },
      { caption: `prediction${scaleText}`, picture: depthPicture(scaled, truth.height, truth.width) },
      { caption: 'truth', picture: truthPicture(truth) },
      {
        caption: `|p - t| / t: green 0, yellow 0.25, red 0.5; mean ${metrics.absRel.toFixed(3)}`,
        picture: depthErrorPicture(camera, truth, scaled, capMeters),
      },
    ]);
    await writePng(path.join(folder, `${stampNs}.png`), picture);
  }

  async close(): Promise<void> {
    await this.#images?.return?.();
  }

  /** The image of this stamp; evaluated images come in about stamp order, so reading goes forward only. */
  async #camera(stampNs: bigint, { height, width }: SparseDepth): Promise<RgbPicture> {
    while (this.#images !== undefined && (this.#held === undefined || this.#held.stampNs < stampNs)) {
      const next = await this.#images.next();
      if (next.done) break;
      this.#held = next.value;
    }
    if (this.#held?.stampNs !== stampNs) return rgbPicture(width, height);
    const picture = await cameraPicture(this.#held.value);
    return picture.width === width && picture.height === height ? picture : rgbPicture(width, height);
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
