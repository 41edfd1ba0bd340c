import { median } from '../../../vision/median.js';
import type { DepthEvaluation } from '../metrics/depth-tally.js';
import type { OutputRecord } from './read-output.js';

/** What each figure means, in the order of the report. */
export const FIGURES = {
  frames: 'depth images',
  sharedStamps: 'frames with the stamp of a frame before them; rate and gaps leave them out',
  seconds: 'from the first to the last [s]',
  rateHz: 'frames a second, by their stamps [Hz]',
  longestGapS: 'longest time between two frames [s]',
  coverage: 'mean share of pixels with a depth, or too far for one, such as the sky',
  leastCoverage: 'the least of any frame',
  finiteShare: 'mean share of pixels with a finite depth',
  flicker: 'median change of depth from frame to frame, relative; compares outputs of one drive',
  worstFlicker: 'that of the 95th percentile of the frames',
  movingShare: 'mean share of the picture that moves',
  scale: 'metric scale, median',
  scaleSpread: 'its standard deviation over its mean',
  latencyMs: 'median of the median latencies that the status tells [ms]',
  failed: 'frames that failed',
  dropped: 'frames that were dropped',
  damaged: 'messages of the output that could not be read',
  absRel: 'mean of |predicted - true| / true, after scaling by the median',
  rmse: 'root mean square error, after scaling by the median [m]',
  delta1: 'share of pixels within 25 % of the truth, after scaling by the median',
  scaleError: 'median of median(truth) / median(prediction): 1 is right',
  miou: 'mean intersection over union of the classes',
} as const;

export type FigureName = keyof typeof FIGURES;
export const FIGURE_NAMES = Object.keys(FIGURES) as FigureName[]; // a literal's own keys
/** NaN: unknown. */
export type ReportFigures = Readonly<Record<FigureName, number>>;

export interface Truth {
  readonly depth?: DepthEvaluation;
  readonly miou?: number;
}

/** The figures of an output; those of truth are unknown without it. */
export function reportFigures({ frames, statuses, damaged }: OutputRecord, truth: Truth): ReportFigures {
  const gaps = frames
    .slice(1)
    .map(({ stampNs }, i) => Number(stampNs - (frames[i]?.stampNs ?? stampNs)) / 1e9)
    .filter((gap) => gap > 0);
  const seconds = gaps.reduce((sum, gap) => sum + gap, 0);
  const flickers = known(frames.map(({ flicker }) => flicker));
  const coverages = frames.map(({ coverage }) => coverage);
  const scales = known(statuses.map(({ scale }) => scale));
  const scaleMean = mean(scales);
  const last = statuses.at(-1);
  const depth = truth.depth?.prediction;
  return {
    frames: frames.length,
    sharedStamps: frames.length - new Set(frames.map(({ stampNs }) => stampNs)).size,
    seconds,
    rateHz: gaps.length > 0 ? 1 / median(gaps) : Number.NaN,
    longestGapS: gaps.length > 0 ? Math.max(...gaps) : Number.NaN,
    coverage: mean(coverages),
    leastCoverage: Math.min(...coverages),
    finiteShare: mean(frames.map(({ finite }) => finite)),
    flicker: median(flickers),
    worstFlicker: quantile(flickers, 0.95),
    movingShare: mean(known(frames.map(({ moving }) => moving))),
    scale: median(scales),
    scaleSpread: Math.sqrt(mean(scales.map((scale) => (scale - scaleMean) ** 2))) / scaleMean,
    latencyMs: median(known(statuses.map(({ latency_p50_ms }) => latency_p50_ms))),
    failed: last?.frames_failed ?? Number.NaN,
    dropped: last?.frames_dropped ?? Number.NaN,
    damaged,
    absRel: depth?.absRel ?? Number.NaN,
    rmse: depth?.rmse ?? Number.NaN,
    delta1: depth?.delta1 ?? Number.NaN,
    scaleError: depth?.ratioMedian ?? Number.NaN,
    miou: truth.miou ?? Number.NaN,
  };
}

function known(values: readonly number[]): number[] {
  return values.filter(Number.isFinite);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
