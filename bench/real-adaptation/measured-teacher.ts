import type { PictureModel } from '../../models/model-runner.js';
import type { PinholeView } from '../../training/adaptation/drive/pinhole-view.js';
import type { PicturePlace, Teacher } from '../../training/adaptation/teacher/teacher.js';
import type { SparseDepth } from '../../training/datasets/stores/sparse-depth.js';
import type { RealDrive } from './real-drives.js';
import { withMeasured } from './with-measured.js';

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
    const fingerprint = `measured ${name} ${truthTopic}`;
    return await withMeasured(
      data,
      { name, truthTopic },
      input,
      async ({ view, truth }) => new MeasuredTeacher(fingerprint, view, truth),
    );
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
