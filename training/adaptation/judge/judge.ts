import { SampleStore, type StoreDescription } from '../../datasets/stores/sample-store.js';
import type { SparseDepth } from '../../datasets/stores/sparse-depth.js';
import type { PinholeView } from '../drive/pinhole-view.js';
import type { DriveTriplet } from '../drive/select-triplets.js';
import type { ModelRunner } from '../model-runner.js';
import { type DriveFigures, driveFigures } from './judge-drive.js';
import { judgeLook } from './judge-look.js';
import { judgeSource, type SourceFigures } from './judge-source.js';
import { type JudgedFrame, judgeTriplet, type TripletFigures } from './judge-triplet.js';
import { judgeTruth, type TruthFigures, type TruthFrame } from './judge-truth.js';
import { PhotometricScore } from './photometric-score.js';
import { decide, JUDGE_VERSION, LIMITS, type Verdict } from './verdict.js';

export interface JudgeOptions {
  /** Frames of the drive with the parent's depth and labels, as `surveyDrive` writes them. */
  readonly store: { readonly folder: string; readonly description: StoreDescription };
  /** Of every drive; all have one size. */
  readonly views: readonly Pick<PinholeView, 'width' | 'height' | 'intrinsics'>[];
  /** Of the parts of the drives that nobody learned from, in the order of time. */
  readonly triplets: readonly DriveTriplet[];
  readonly parent: ModelRunner;
  readonly candidate: ModelRunner;
  /** Samples of the parent's own domain; left out where there are none. */
  readonly source?: {
    readonly folder: string;
    readonly description: StoreDescription;
    readonly indices: readonly number[];
  };
  /** Pictures of past drives, whose looks the source's samples are given. */
  readonly memory?: { readonly folder: string; readonly description: StoreDescription } | undefined;
  /** Measured depths in the view, by frame of the store. */
  readonly truth?: ReadonlyMap<number, SparseDepth>;
  readonly threads: number;
  /** Triplets looked at; more are thinned out evenly. */
  readonly mostTriplets?: number;
  readonly onProgress?: (done: number, all: number) => void;
}

/** Everything the judge saw and said; written beside the candidate as `judge.json`. */
export interface JudgeReport extends Verdict {
  readonly parent: string;
  readonly candidate: string;
  readonly drive: DriveFigures;
  readonly source?: SourceFigures;
  /** The source's samples in the look of the judged part, and of past drives. */
  readonly look?: SourceFigures;
  readonly pastLooks?: SourceFigures;
  readonly truth?: TruthFigures;
  /** Which judge it was: reports of different versions do not compare. */
  readonly judgeVersion: typeof JUDGE_VERSION;
  readonly limits: typeof LIMITS;
}

const MOST_TRIPLETS = 60;

/**
 * Decides whether a candidate may replace its parent, on pictures that neither was trained on; the same inputs give the
 * same report. It knows nothing of how the candidate was made.
 * Why the photometric error of a model alone is no judge: docs/adaptation.md.
 */
export async function judge(options: JudgeOptions): Promise<JudgeReport> {
  const { views, parent, candidate, source, memory, truth, threads } = options;
  const [size] = views;
  const triplets = thinned(options.triplets, options.mostTriplets ?? MOST_TRIPLETS);
  const frames = new FrameCache(options);
  const score = await PhotometricScore.create(size, threads);
  const figures: (TripletFigures | undefined)[] = [];
  let measured: TruthFigures | undefined;
  try {
    for (const { target, previous, next, drive } of triplets) {
      const judged = {
        target: await frames.get(target),
        previous: await frames.get(previous),
        next: await frames.get(next),
      };
      figures.push(await judgeTriplet(judged, views[drive], score));
      options.onProgress?.(figures.length, triplets.length);
      await new Promise((resolve) => setImmediate(resolve));
    }
    measured = await judgeTruth(measuredFrames(frames, truth));
  } finally {
    await score.close();
    frames.close();
  }
  const kept = source && (await judgeSource(source, source.indices, parent, candidate));
  const targets = triplets.map(({ target }) => target);
  const look = source && (await judgeLook({ ...options.store, frames: targets }, source, parent, candidate));
  const pastLooks =
    source && memory && (await judgeLook({ ...memory, frames: all(memory) }, source, parent, candidate));
  const drive = driveFigures(figures, size.width * size.height);
  return {
    ...decide(drive, { source: kept, look, pastLooks, truth: measured }),
    parent: nameOf(parent),
    candidate: nameOf(candidate),
    drive,
    ...(kept && { source: kept }),
    ...(look && { look }),
    ...(pastLooks && { pastLooks }),
    ...(measured && { truth: measured }),
    judgeVersion: JUDGE_VERSION,
    limits: LIMITS,
  };
}

function all({ description }: { readonly description: StoreDescription }): number[] {
  return Array.from({ length: description.count }, (_, i) => i);
}

async function* measuredFrames(
  frames: FrameCache,
  truth: ReadonlyMap<number, SparseDepth> = new Map(),
): AsyncGenerator<TruthFrame> {
  for (const [index, sparse] of truth) yield { truth: sparse, ...(await frames.get(index)) };
}

/** Name and version, and what identifies the weights. */
function nameOf({ manifest }: ModelRunner): string {
  const weights = manifest.files['weights.safetensors']?.sha256.slice(0, 12);
  return `${manifest.name}/${manifest.version}${weights === undefined ? '' : ` (weights ${weights})`}`;
}

/** At most so many, evenly spread. */
function thinned<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.floor(((i + 0.5) * items.length) / most)]);
}

/** Frames that several triplets share are run once, as long as they are at hand. */
class FrameCache {
  readonly #options: JudgeOptions;
  readonly #store: SampleStore;
  readonly #frames = new Map<number, JudgedFrame>();

  constructor(options: JudgeOptions) {
    this.#options = options;
    this.#store = SampleStore.open(options.store.folder, options.store.description);
  }

  async get(index: number): Promise<JudgedFrame> {
    const known = this.#frames.get(index);
    if (known !== undefined) return known;
    const { rgb, labels, depthMeters, width, height, intrinsics } = this.#store.read(index);
    const { depth } = await this.#options.candidate.run({ width, height, rgb }, intrinsics);
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
