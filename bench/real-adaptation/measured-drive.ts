import { existsSync } from 'node:fs';
import path from 'node:path';
import type { PictureModel } from '../../models/model-runner.js';
import type { RgbPicture } from '../../msgs/picture/rgb-picture.js';
import { type PinholeView, viewPicture } from '../../training/adaptation/drive/pinhole-view.js';
import { driveImages } from '../../training/adaptation/drive/read-drive.js';
import { driveParts } from '../../training/adaptation/drive/split-drive.js';
import type { SparseDepth } from '../../training/datasets/stores/sparse-depth.js';
import { depthMetrics } from '../../training/evaluation/metrics/depth-metrics.js';
import { median } from '../../vision/median.js';
import type { RealDrive } from './real-drives.js';
import { withMeasured } from './with-measured.js';

/** A model by the truth of a part of a drive. */
export interface DepthErrors {
  /** AbsRel, each picture scaled by its median, and in metres as they come; cap 80 m, Garg crop. */
  readonly absRel: number;
  readonly absRelMetric: number;
  /** Predicted / true metres, median over the pictures of the median over the pixels. */
  readonly scale: number;
  readonly pictures: number;
}

export interface DriveErrors {
  readonly whole: DepthErrors;
  /** The part that an adaptation to the drive is judged by. */
  readonly keptAside: DepthErrors;
}

interface MeasuredPicture {
  readonly picture: RgbPicture;
  readonly truth: SparseDepth;
  readonly isKeptAside: boolean;
}

/** Pictures of a drive whose depth was measured. */
export class MeasuredDrive {
  readonly #view: PinholeView;
  readonly #pictures: readonly MeasuredPicture[];

  private constructor(view: PinholeView, pictures: readonly MeasuredPicture[]) {
    this.#view = view;
    this.#pictures = pictures;
  }

  /** @param most pictures, spread evenly over those that have truth. @returns undefined for a drive without truth, or that is not there. */
  static async read(
    data: string,
    { name, truthTopic }: RealDrive,
    input: PictureModel['manifest']['input'],
    most: number,
  ): Promise<MeasuredDrive | undefined> {
    if (truthTopic === undefined || !existsSync(path.join(data, name))) return undefined;
    return await withMeasured(
      data,
      { name, truthTopic },
      input,
      async ({ bag, camera, view, stamps, truth }) => {
        const { isJudged } = driveParts(stamps);
        const all = [...truth.keys()];
        const chosen = new Set(
          all.length <= most
            ? all
            : Array.from({ length: most }, (_, i) => all[Math.floor(((i + 0.5) * all.length) / most)]),
        );
        const pictures: MeasuredPicture[] = [];
        const left = { undecodable: 0, outOfOrder: 0 };
        for await (const { index, picture } of driveImages(bag, camera, (at) => chosen.has(at), left)) {
          const measured = truth.get(index);
          if (measured === undefined) continue;
          pictures.push({
            picture: viewPicture(view, picture),
            truth: measured,
            isKeptAside: isJudged({ index }),
          });
        }
        return new MeasuredDrive(view, pictures);
      },
    );
  }

  async errors(model: PictureModel): Promise<DriveErrors> {
    const rows: (Omit<DepthErrors, 'pictures'> & { readonly isKeptAside: boolean })[] = [];
    for (const { picture, truth, isKeptAside } of this.#pictures) {
      const { depth } = await model.run(picture, this.#view.intrinsics);
      const scaled = depthMetrics(truth, depth);
      const metric = depthMetrics(truth, depth, { medianScaling: false });
      if (scaled === undefined || metric === undefined) continue;
      rows.push({ isKeptAside, absRel: scaled.absRel, absRelMetric: metric.absRel, scale: 1 / scaled.ratio });
    }
    const of = (part: typeof rows): DepthErrors => {
      const mean = (value: (row: (typeof rows)[number]) => number) =>
        part.reduce((sum, row) => sum + value(row), 0) / part.length;
      return {
        absRel: mean((row) => row.absRel),
        absRelMetric: mean((row) => row.absRelMetric),
        scale: median(part.map((row) => row.scale)),
        pictures: part.length,
      };
    };
    return { whole: of(rows), keptAside: of(rows.filter((row) => row.isKeptAside)) };
  }
}
