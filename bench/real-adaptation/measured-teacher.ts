import path from 'node:path';
import type { PictureModel } from '../../models/model-runner.js';
import { openBag } from '../../msgs/bag/open-bag.js';
import { type PinholeView, pinholeView } from '../../training/adaptation/drive/pinhole-view.js';
import { driveCamera, driveImages } from '../../training/adaptation/drive/read-drive.js';
import { judgedTruth } from '../../training/adaptation/judge/judged-truth.js';
import type { PicturePlace, Teacher } from '../../training/adaptation/teacher/teacher.js';
import type { SparseDepth } from '../../training/datasets/stores/sparse-depth.js';
import type { RealDrive } from './real-drives.js';

/**
 * What a drive could teach at best: the depth that was measured in its pictures, at those pixels alone.
 * Nobody has it who adapts; the bench asks by it how much a drive is worth to other drives.
 */
export class MeasuredTeacher implements Teacher {
  readonly name = 'measured depth';
  readonly fingerprint: string;
  readonly depth = 'scalable';
  readonly measured = true;
  readonly classes = [];
  readonly pixels: number;
  readonly #view: PinholeView;
  readonly #truth: ReadonlyMap<number, SparseDepth>;

  private constructor(fingerprint: string, view: PinholeView, truth: ReadonlyMap<number, SparseDepth>) {
    this.fingerprint = fingerprint;
    this.pixels = view.width * view.height;
    this.#view = view;
    this.#truth = truth;
  }

  /** @throws Error for a drive without truth. */
  static async open(
    data: string,
    { name, truthTopic }: RealDrive,
    input: PictureModel['manifest']['input'],
  ): Promise<MeasuredTeacher> {
    if (truthTopic === undefined) throw new Error(`--taught: ${name} has no measured depth`);
    const bag = await openBag(path.join(data, name));
    try {
      const camera = await driveCamera(bag, {});
      const view = pinholeView(input, camera.model, camera);
      const stamps: { readonly index: number; readonly stampNs: bigint }[] = [];
      const left = { undecodable: 0, outOfOrder: 0 };
      for await (const { index, stampNs } of driveImages(bag, camera, () => true, left))
        stamps.push({ index, stampNs });
      const truth = await judgedTruth(bag, truthTopic, {}, view, stamps);
      return new MeasuredTeacher(`measured ${name} ${truthTopic}`, view, truth);
    } finally {
      await bag.close();
    }
  }

  see(
    { width, height }: { readonly width: number; readonly height: number },
    _intrinsics: unknown,
    { image }: PicturePlace,
  ) {
    if (width !== this.#view.width || height !== this.#view.height)
      throw new Error(
        `expected pictures of ${this.#view.width}x${this.#view.height}, got ${width}x${height}`,
      );
    const truth = this.#truth.get(image);
    const depth = new Float32Array(width * height).fill(Number.NaN);
    if (truth !== undefined) {
      const { rows, columns, depthMeters } = truth;
      for (let i = 0; i < rows.length; i++) depth[rows[i] * width + columns[i]] = depthMeters[i];
    }
    return Promise.resolve({ depth, labels: undefined });
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}
