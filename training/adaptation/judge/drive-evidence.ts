import type { PictureModel } from '../../../models/model-runner.js';
import { SampleStore } from '../../datasets/stores/sample-store.js';
import { roadWay } from '../drive/road-way.js';
import type { DriveTriplet } from '../drive/select-triplets.js';
import { movedFrames } from '../learning/measured-metres.js';
import type { Interval } from './bootstrap.js';
import { type DriveFigures, driveFigures, type SeenTriplets } from './judge-drive.js';
import { type JudgedFrame, judgeTriplet, type TripletFigures, type TripletMemo } from './judge-triplet.js';
import { judgeTruth, type TruthFigures, type TruthFrame } from './judge-truth.js';
import type { JudgedDrive } from './judged-drive.js';
import { metreFigures } from './metre-figures.js';
import { PhotometricScore } from './photometric-score.js';

/** Parent and candidate on one drive. */
export interface DriveComparison {
  readonly name: string;
  readonly figures: DriveFigures;
  /** What the figures are of, to be put together with that of other drives. */
  readonly seen: SeenTriplets;
  readonly truth?: TruthFigures;
}

/** Metres by the motion of the road under a camera whose height is known. */
interface RoadMetres {
  /** By target. */
  readonly meters: Map<
    number,
    { readonly previous?: number | undefined; readonly next?: number | undefined }
  >;
  /** What the 95 % interval is of the mean. */
  readonly certainty: Pick<Interval, 'low' | 'high'>;
}

/** What a recorded drive says about candidates for one parent; the parent's side is computed once. */
export class DriveEvidence {
  readonly #drive: JudgedDrive;
  readonly #score: PhotometricScore;
  /** Memos by target. */
  readonly #memos = new Map<number, TripletMemo>();
  /** By the number of triplets that are looked at. */
  readonly #roads = new Map<number, RoadMetres>();

  private constructor(drive: JudgedDrive, score: PhotometricScore) {
    this.#drive = drive;
    this.#score = score;
  }

  static async open(drive: JudgedDrive, threads: number): Promise<DriveEvidence> {
    return new DriveEvidence(drive, await PhotometricScore.create(drive.views[0], threads));
  }

  get name(): string {
    return this.#drive.name;
  }

  /** @param most triplets that are looked at; of more some, evenly spread. @param measured whether truth is looked at. */
  async compare(
    candidate: PictureModel,
    most: number,
    { measured = true, onProgress }: CompareOptions = {},
  ): Promise<DriveComparison> {
    const { name, views, triplets, truth, cameraHeight } = this.#drive;
    const chosen = thinned(triplets, most);
    const frames = new FrameCache(this.#drive, candidate);
    const figures: (TripletFigures | undefined)[] = [];
    try {
      for (const { target, previous, next, drive } of chosen) {
        const memo = this.#memoOf(target);
        if (memo.saysNothing) {
          figures.push(undefined);
          continue;
        }
        const judged = {
          target: await frames.get(target),
          previous: await frames.get(previous),
          next: await frames.get(next),
        };
        figures.push(await judgeTriplet(judged, views[drive], this.#score, memo));
        onProgress?.(figures.length, chosen.length);
        await new Promise((resolve) => setImmediate(resolve));
      }
      const measurements = measured ? await judgeTruth(measuredFrames(frames, truth)) : undefined;
      const [{ width, height }] = views;
      const road = measured ? this.#road(chosen) : undefined;
      const metres = metreFigures(
        figures.flatMap((each, i) => {
          const { target, meters } = chosen[i];
          return each?.parent.metres && each.candidate.metres
            ? [
                {
                  ...{ parent: each.parent.metres, candidate: each.candidate.metres, meters },
                  roadMeters: road?.meters.get(target),
                },
              ]
            : [];
        }),
        cameraHeight,
        road?.certainty,
      );
      const drives = chosen.map(({ drive }) => drive);
      return {
        ...{ name, figures: driveFigures(figures, width * height, metres, drives) },
        seen: { figures, drives, pixelsOfView: width * height },
        ...(measurements && { truth: measurements }),
      };
    } finally {
      frames.close();
    }
  }

  /** What the motion of the road says; computed once, of the parent's poses, as its lengths are not the parent's. */
  #road(chosen: readonly DriveTriplet[]): RoadMetres | undefined {
    const { cameraHeight, views, store: where } = this.#drive;
    if (cameraHeight === undefined) return undefined;
    const known = this.#roads.get(chosen.length);
    if (known !== undefined) return known;
    const store = SampleStore.open(where.folder, where.description);
    const meters: RoadMetres['meters'] = new Map();
    let certainty = { low: 1, high: 1 };
    try {
      for (const [drive, { intrinsics }] of views.entries()) {
        const posed = chosen.flatMap((triplet) => {
          const { poses } = this.#memoOf(triplet.target);
          if (triplet.drive !== drive || poses === undefined || poses === 'none') return [];
          return [{ ...triplet, previousPose: poses.previous, nextPose: poses.next }];
        });
        const way = roadWay(
          posed.flatMap(movedFrames),
          (index) => store.read(index),
          intrinsics,
          cameraHeight,
        );
        if (way === undefined) continue;
        const { mean, low, high } = way.factor;
        certainty = { low: Math.min(certainty.low, low / mean), high: Math.max(certainty.high, high / mean) };
        for (const [i, { target }] of posed.entries())
          meters.set(target, { previous: way.meters[2 * i], next: way.meters[2 * i + 1] });
      }
    } finally {
      store.close();
    }
    const road = { meters, certainty };
    this.#roads.set(chosen.length, road);
    return road;
  }

  #memoOf(target: number): TripletMemo {
    const memo = this.#memos.get(target) ?? {};
    this.#memos.set(target, memo);
    return memo;
  }

  async close(): Promise<void> {
    await this.#score.close();
  }
}

export interface CompareOptions {
  readonly measured?: boolean;
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
}

async function* measuredFrames(
  frames: FrameCache,
  truth: JudgedDrive['truth'] = new Map(),
): AsyncGenerator<TruthFrame> {
  for (const [index, sparse] of truth) yield { truth: sparse, ...(await frames.get(index)) };
}

/** At most `most` of the items, evenly spread. */
function thinned<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / most)]);
}

/** Frames that several triplets share are run once, as long as they are at hand. */
class FrameCache {
  readonly #candidate: PictureModel;
  readonly #store: SampleStore;
  readonly #frames = new Map<number, JudgedFrame>();

  constructor({ store }: JudgedDrive, candidate: PictureModel) {
    this.#candidate = candidate;
    this.#store = SampleStore.open(store.folder, store.description);
  }

  async get(index: number): Promise<JudgedFrame> {
    const known = this.#frames.get(index);
    if (known !== undefined) return known;
    const { rgb, labels, depthMeters, width, height, intrinsics } = this.#store.read(index);
    const { depth } = await this.#candidate.run({ width, height, rgb }, intrinsics);
    const frame = { rgb, labels, parentDepth: depthMeters, candidateDepth: depth };
    this.#frames.set(index, frame);
    for (const old of this.#frames.keys()) {
      if (this.#frames.size <= CACHED) break;
      this.#frames.delete(old);
    }
    return frame;
  }

  close(): void {
    this.#store.close();
  }
}

const CACHED = 40;
