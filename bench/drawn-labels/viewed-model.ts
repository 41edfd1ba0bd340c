import { loadModel } from '../../models/model-store.js';
import { NO_DISTORTION } from '../../msgs/camera/distortion.js';
import type { Intrinsics } from '../../msgs/camera/intrinsics.js';
import type { RgbPicture } from '../../msgs/picture/rgb-picture.js';
import { type PinholeView, pinholeView, viewPicture } from '../../training/adaptation/drive/pinhole-view.js';
import { picturePlanes } from '../../training/adaptation/judge/photometric-score.js';
import { ParentLogits } from '../../training/adaptation/learning/parent-logits.js';
import { adjusted } from '../../training/perception-graph/class-adjustment.js';
import { loadWeights } from '../../training/perception-graph/load-weights.js';

/** A model whose labels are those of several views of a picture (`viewedLabels`), as `--method dada` learns them. */
export class ViewedModel {
  readonly folder: string;
  readonly #sides: readonly number[];
  readonly #networks = new Map<string, Promise<ParentLogits>>();

  /** @param sides of the views, as shares of the picture's at the network's size. */
  constructor(folder: string, sides: readonly number[]) {
    this.folder = folder;
    this.#sides = sides;
  }

  /** @returns trainIds, [height, width] of the picture. */
  async run(picture: RgbPicture, intrinsics: Intrinsics): Promise<{ readonly labels: Uint8Array }> {
    const { manifest } = await loadModel(this.folder);
    const view = pinholeView(manifest.input, { intrinsics, distortion: NO_DISTORTION }, picture);
    const key = `${view.width}x${view.height}`;
    const network = this.#networks.get(key) ?? this.#open(view);
    this.#networks.set(key, network);
    const logits = await (await network).of(picturePlanes(viewPicture(view, picture).rgb));
    return { labels: cameraLabels(logits, manifest.classes.length, view, intrinsics) };
  }

  async close(): Promise<void> {
    for (const network of this.#networks.values()) await (await network).close();
  }

  async #open({ width, height }: PinholeView): Promise<ParentLogits> {
    const model = await loadModel(this.folder);
    const { parameters, classAdjustment, network } = await loadWeights(model);
    const { input, classes } = model.manifest;
    return await ParentLogits.create({
      parameters: adjusted(parameters, classAdjustment, classes),
      sizes: { count: 1, width, height },
      ...{ network, mean: input.mean, std: input.std, views: this.#sides, threads: 1 },
    });
  }
}

/** The class of the largest logit under each pixel of the camera. @param logits [classes, h, w]. */
function cameraLabels(
  logits: Float32Array,
  classes: number,
  view: PinholeView,
  intrinsics: Intrinsics,
): Uint8Array {
  const { camera } = view;
  const step = Math.sqrt((view.width * view.height * classes) / logits.length);
  const [width, height] = [view.width / step, view.height / step];
  const best = new Uint8Array(width * height);
  for (let i = 0; i < best.length; i++) {
    for (let c = 1; c < classes; c++)
      if (logits[c * best.length + i] > logits[best[i] * best.length + i]) best[i] = c;
  }
  const labels = new Uint8Array(camera.width * camera.height);
  const { fx, fy, cx, cy } = intrinsics;
  const inside = (cell: number, cells: number) => Math.min(cells - 1, Math.max(0, Math.floor(cell)));
  for (let y = 0; y < camera.height; y++) {
    const row = ((y - cy) / fy) * view.intrinsics.fy + view.intrinsics.cy;
    for (let x = 0; x < camera.width; x++) {
      const column = ((x - cx) / fx) * view.intrinsics.fx + view.intrinsics.cx;
      const at = inside((row + 0.5) / step, height) * width + inside((column + 0.5) / step, width);
      labels[y * camera.width + x] = best[at];
    }
  }
  return labels;
}
