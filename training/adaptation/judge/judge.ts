import type { PictureModel } from '../../../models/model-runner.js';
import type { StoreDescription } from '../../datasets/stores/sample-store.js';
import type { DrivePicture } from '../drive/drive-pictures.js';
import { type Check, percent } from './check.js';
import { DriveEvidence } from './drive-evidence.js';
import type { Improvement } from './improvement.js';
import { type DriveFigures, figuresTogether, type SeenTriplets } from './judge-drive.js';
import { judgeLook } from './judge-look.js';
import { judgePictures, type PictureFigures } from './judge-pictures.js';
import { judgeSource, type SampleFigures, type SourceFigures } from './judge-source.js';
import type { TruthFigures } from './judge-truth.js';
import type { JudgedDrive } from './judged-drive.js';
import { JudgedLabels } from './labels/judged-labels.js';
import type { LabelFigures } from './labels/label-figures.js';
import { decideLabels, type GuardLabels, keptLabels } from './labels/label-verdict.js';
import { LIMITS } from './limits.js';
import {
  decide,
  decideByPictures,
  eitherVerdict,
  finiteDrive,
  type GuardFigures,
  isMoving,
  JUDGE_VERSION,
  plainlyBroken,
  plainlyWrong,
  type Verdict,
} from './verdict.js';

/** What candidates for one parent are judged by; none of it was learned from. */
export interface JudgeOptions {
  /** Parts of the drives that were learned from. */
  readonly drive: JudgedDrive;
  /** Single pictures of the judged part, by which a drive that does not move is judged; left out: then nothing is decided. */
  readonly pictures?: readonly DrivePicture[] | undefined;
  /** Other real drives: past ones, and those that a user keeps for this. */
  readonly guards?: readonly JudgedDrive[];
  readonly parent: PictureModel;
  /** Samples of the parent's own domain; left out where there are none. */
  readonly source?: {
    readonly folder: string;
    readonly description: StoreDescription;
    readonly indices: readonly number[];
  };
  /** Pictures of past drives, whose looks the source's samples are given. */
  readonly memory?: { readonly folder: string; readonly description: StoreDescription } | undefined;
  /** What a candidate may be better in than its parent; in all else it must be as good. Depth where left out. */
  readonly improves?: readonly Improvement[];
  readonly threads: number;
  /** Triplets looked at of the drive, and of every guard; more are thinned out evenly. */
  readonly mostTriplets?: number;
  readonly mostGuardTriplets?: number;
  /** Pictures whose labels are looked at. */
  readonly mostPictures?: number;
  readonly onProgress?: (done: number, all: number) => void;
}

/** Everything the judge saw and said; written beside the candidate as `judge.json`. */
export interface JudgeReport extends Verdict {
  readonly parent: string;
  readonly candidate: string;
  readonly drive: DriveFigures;
  /** Pictures of a drive that does not move. */
  readonly pictures?: PictureFigures;
  readonly guards: readonly GuardFigures[];
  /** All of them, where there are several. */
  readonly guardsTogether?: DriveFigures;
  readonly source?: SourceFigures;
  /** The source's samples in the look of the judged part, and of past drives. */
  readonly look?: SourceFigures;
  readonly pastLooks?: SourceFigures;
  readonly truth?: TruthFigures;
  /** Where labels may be what is better. */
  readonly labels?: LabelFigures;
  readonly guardLabels?: readonly GuardLabels[];
  /** Which judge it was: reports of different versions do not compare. */
  readonly judgeVersion: typeof JUDGE_VERSION;
  readonly limits: typeof LIMITS;
}

/** A quick look at a candidate. */
export interface Glance {
  /** What is plainly wrong with it; empty where nothing is. */
  readonly wrong: readonly Check[];
  /** Mean gain of photometric error, each drive counting the same, or of labels' agreement; NaN where nothing moves. */
  readonly gain: number;
  /** For people. */
  readonly finding: string;
}

const MOST_TRIPLETS = 40;
const MOST_PICTURES = 24;
/**
 * Of one guard, of all of them together, and of one of many. Few say little: by 8 triplets a drive whose depth gained 13 and
 * 29 % seemed to lose 1.5 % of photometric error, by 58 it was 0.6 and 0.9 % (docs/measurements/judge.md).
 */
const MOST_GUARD_TRIPLETS = 40;
const MOST_OF_ALL_GUARDS = 80;
const LEAST_OF_EACH_GUARD = 6;
/** Number of triplets of each drive for a glance. */
const GLANCE_TRIPLETS = 8;
const GLANCE_GUARD_TRIPLETS = 4;

/**
 * Decides whether candidates may replace their parent, on pictures that neither was trained on; the same inputs give the
 * same reports. It knows nothing of how a candidate was made. What it computes of the parent it computes once.
 * Why the photometric error of a model alone is no judge: docs/adaptation.md.
 */
export class Judge {
  readonly #options: JudgeOptions;
  readonly #drive: DriveEvidence;
  readonly #guards: readonly DriveEvidence[];
  readonly #labels: JudgedLabels | undefined;
  readonly #mirrored = new Map<number, number>();
  readonly #memos = { source: newMemo(), look: newMemo(), pastLooks: newMemo() };

  private constructor(
    options: JudgeOptions,
    drive: DriveEvidence,
    guards: readonly DriveEvidence[],
    labels: JudgedLabels | undefined,
  ) {
    this.#options = options;
    this.#drive = drive;
    this.#guards = guards;
    this.#labels = labels;
  }

  static async open(options: JudgeOptions): Promise<Judge> {
    const guards: DriveEvidence[] = [];
    for (const guard of options.guards ?? []) guards.push(await DriveEvidence.open(guard, options.threads));
    const drive = await DriveEvidence.open(options.drive, options.threads);
    return new Judge(options, drive, guards, await judgedLabels(options));
  }

  /** Whether there are other real drives to ask. */
  get hasGuards(): boolean {
    return this.#guards.length > 0;
  }

  /** Looks at a few pictures of every drive: enough to see what is broken, and to say who should be judged first. */
  async glance(candidate: PictureModel): Promise<Glance> {
    const { figures } = await this.#drive.compare(candidate, GLANCE_TRIPLETS, { measured: false });
    if (!this.#improves('depth')) {
      const labels = await this.#labels?.glance(candidate);
      const gain = labels === undefined ? Number.NaN : (labels.timeGain ?? labels.mirrorGain).mean;
      const wrong = [finiteDrive(figures)].filter(({ answer }) => answer === 'failed');
      return { wrong, gain, finding: `labels agree ${percent(gain)} points more at a glance` };
    }
    const gains = [figures.gain.mean];
    for (const guard of this.#guards) {
      const { figures: there } = await guard.compare(candidate, GLANCE_GUARD_TRIPLETS, { measured: false });
      if (there.valid > 0) gains.push(there.gain.mean);
    }
    const known = gains.filter(Number.isFinite);
    const gain = known.reduce((a, b) => a + b, 0) / known.length;
    // Who may gain by labels alone is not wrong for a photometric error that stays.
    const wrong = this.#labels === undefined ? plainlyWrong(figures) : plainlyBroken(figures);
    const finding = Number.isNaN(gain)
      ? 'nothing moves at a glance'
      : `photometric error ${percent(-gain)} at a glance`;
    return { wrong, gain, finding };
  }

  #improves(what: Improvement): boolean {
    return (this.#options.improves ?? ['depth']).includes(what);
  }

  async judge(candidate: PictureModel): Promise<JudgeReport> {
    const { parent, source, memory, mostTriplets, mostGuardTriplets, onProgress } = this.#options;
    const { store, triplets } = this.#options.drive;
    const { figures: drive, truth } = await this.#drive.compare(candidate, mostTriplets ?? MOST_TRIPLETS, {
      onProgress,
    });
    const share = Math.max(LEAST_OF_EACH_GUARD, Math.floor(MOST_OF_ALL_GUARDS / this.#guards.length));
    const ofEach = mostGuardTriplets ?? Math.min(MOST_GUARD_TRIPLETS, share);
    const guards: GuardFigures[] = [];
    const seen: SeenTriplets[] = [];
    for (const guard of this.#guards) {
      const { name, figures, truth: measured, seen: triplets } = await guard.compare(candidate, ofEach);
      guards.push({ name, drive: figures, ...(measured && { truth: measured }) });
      seen.push(triplets);
    }
    const guardsTogether = guards.length > 1 ? figuresTogether(seen) : undefined;
    const memos = this.#memos;
    const kept =
      source &&
      (await judgeSource(source, {
        indices: source.indices,
        parent,
        candidate,
        look: undefined,
        memo: memos.source,
      }));
    const frames =
      triplets.length > 0
        ? triplets.map(({ target }) => target)
        : (this.#options.pictures ?? []).map(({ index }) => index);
    const look = source && (await judgeLook({ ...store, frames }, source, parent, candidate, memos.look));
    const pastLooks =
      source &&
      memory &&
      (await judgeLook({ ...memory, frames: all(memory) }, source, parent, candidate, memos.pastLooks));
    const alone = isMoving(drive) ? undefined : await this.#pictures(candidate);
    const others = { source: kept, look, pastLooks, truth, guards, guardsTogether };
    const { labels, guards: guardLabels = [] } = (await this.#labels?.judge(candidate)) ?? {};
    const keeping = labels && keptLabels(labels, guardLabels, others);
    const verdicts: Verdict[] = [];
    if (this.#improves('depth') || labels === undefined)
      verdicts.push(
        alone === undefined ? decide(drive, others, keeping) : decideByPictures(alone, others, keeping),
      );
    if (labels !== undefined && this.#improves('labels'))
      verdicts.push(decideLabels({ labels, guards: guardLabels, drive, pictures: alone, others }));
    return {
      ...eitherVerdict(verdicts),
      parent: nameOf(parent),
      candidate: nameOf(candidate),
      drive,
      ...(alone && { pictures: alone }),
      guards,
      ...(guardsTogether && { guardsTogether }),
      ...(kept && { source: kept }),
      ...(look && { look }),
      ...(pastLooks && { pastLooks }),
      ...(truth && { truth }),
      ...(labels && { labels, guardLabels }),
      judgeVersion: JUDGE_VERSION,
      limits: LIMITS,
    };
  }

  async #pictures(candidate: PictureModel): Promise<PictureFigures | undefined> {
    const { pictures = [], drive, parent } = this.#options;
    if (pictures.length === 0) return undefined;
    const step = Math.max(1, pictures.length / MOST_PICTURES);
    const some = pictures.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step));
    return judgePictures(drive.store, some, parent, candidate, this.#mirrored);
  }

  async close(): Promise<void> {
    for (const evidence of [this.#drive, ...this.#guards]) await evidence.close();
  }
}

async function judgedLabels(options: JudgeOptions): Promise<JudgedLabels | undefined> {
  const { improves = [], parent, drive, pictures = [], guards = [], source, mostPictures } = options;
  if (!improves.includes('labels') || source === undefined || parent.manifest.classes.length === 0)
    return undefined;
  return await JudgedLabels.open({ parent, drive, pictures, guards, source, mostPictures });
}

function newMemo(): Map<number, SampleFigures> {
  return new Map();
}

function all({ description }: { readonly description: StoreDescription }): number[] {
  return Array.from({ length: description.count }, (_, i) => i);
}

/** Name and version, and what identifies the weights. */
function nameOf({ manifest }: PictureModel): string {
  const weights = manifest.files['weights.safetensors']?.sha256.slice(0, 12);
  return `${manifest.name}/${manifest.version}${weights === undefined ? '' : ` (weights ${weights})`}`;
}
