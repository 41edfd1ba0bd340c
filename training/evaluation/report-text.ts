import type { SegmentationEvaluation } from './evaluate-segmentation.js';
import type { DepthMetricOptions } from './metrics/depth-metrics.js';
import type { DepthSummary } from './metrics/depth-summary.js';
import type { DepthEvaluation } from './metrics/depth-tally.js';
import { LARGE_PIECE, type PhantomEvaluation } from './phantoms/phantom-tally.js';

const COLUMNS: readonly {
  readonly head: string;
  readonly value: (summary: DepthSummary) => string;
}[] = [
  { head: 'AbsRel', value: (s) => s.absRel.toFixed(3) },
  { head: 'SqRel', value: (s) => s.sqRel.toFixed(3) },
  { head: 'RMSE', value: (s) => s.rmse.toFixed(3) },
  { head: 'RMSElog', value: (s) => s.rmseLog.toFixed(3) },
  { head: 'log10', value: (s) => s.log10.toFixed(3) },
  { head: 'SILog', value: (s) => s.siLog.toFixed(2) },
  { head: 'iRMSE', value: (s) => s.iRmse.toFixed(2) },
  { head: 'd<1.25', value: (s) => s.delta1.toFixed(3) },
  { head: 'd<1.25^2', value: (s) => s.delta2.toFixed(3) },
  { head: 'd<1.25^3', value: (s) => s.delta3.toFixed(3) },
  { head: 'finite', value: (s) => `${(100 * s.finiteShare).toFixed(2)}%` },
  { head: 'ratio', value: (s) => `${s.ratioMedian.toFixed(3)} +-${(100 * s.ratioSpread).toFixed(1)}%` },
];

/**
 * The depth metrics as a table, the trivial predictors below the prediction.
 * @param truth what the truth is: `/camera/depth (depth image, camera z)`.
 */
export function depthText(
  evaluation: DepthEvaluation,
  truth: string,
  options: Required<Pick<DepthMetricOptions, 'capMeters' | 'crop' | 'medianScaling'>>,
): string {
  const { prediction, unscaled, constant, rowMedian, unmatched, empty } = evaluation;
  const skipped = [
    unmatched > 0 ? `${unmatched} images without truth left out` : '',
    empty > 0 ? `${empty} images in which no pixel counts left out` : '',
  ].filter((text) => text !== '');
  const rows = [
    ['', ...COLUMNS.map(({ head }) => head)],
    ...(
      [
        ['prediction', prediction],
        ...(unscaled === undefined ? [] : [['unscaled', unscaled] as const]),
        ['constant', constant],
        ['oracle row median', rowMedian],
      ] as const
    ).map(([name, summary]) => [name, ...COLUMNS.map(({ value }) => value(summary))]),
  ];
  return [
    `Depth against ${truth}: ${prediction.images} images, ${prediction.pixels} pixels`,
    `cap ${options.capMeters} m, crop ${options.crop}, median scaling ${options.medianScaling ? 'on' : 'off'}; pixels without a finite prediction count as the cap`,
    ...skipped,
    '',
    table(rows),
  ].join('\n');
}

/** mIoU and pixel accuracy over the class sets, and the IoUs of the finest one's classes. */
export function segmentationText(evaluation: SegmentationEvaluation): string {
  const { images, unmatched, classSets, negativeTransfer: transfer } = evaluation;
  const percent = (value: number): string => (Number.isNaN(value) ? '-' : `${(100 * value).toFixed(1)}%`);
  const all = classSets[0];
  return [
    `Segmentation: ${images} images${unmatched > 0 ? `, ${unmatched} without truth left out` : ''}`,
    '',
    table([
      ['classes', 'mIoU', 'pixel accuracy', ...(transfer === undefined ? [] : ['negative transfer'])],
      ...classSets.map((set) => [
        set.occurring < set.classes ? `${set.classSet} (${set.occurring} occur)` : set.classSet,
        ...[percent(set.meanIou), percent(set.pixelAccuracy)],
        ...(transfer === undefined ? [] : [percent(transfer.rates[set.classSet] ?? Number.NaN)]),
      ]),
    ]),
    ...(transfer === undefined
      ? []
      : [`negative transfer: images whose mIoU is below that of ${transfer.against}, of ${transfer.images}`]),
    '',
    table(Object.entries(all?.iou ?? {}).map(([name, value]) => [name, percent(value)])),
  ].join('\n');
}

/** Columns padded to equal width, the first one to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** What is seen on bare road, for people. */
export function phantomText({
  images,
  roadShare,
  dynamicShare,
  phantomImages,
  largestDynamic,
  largestNear,
}: PhantomEvaluation): string {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  const some = phantomImages.slice(0, 5).join(', ');
  return [
    `bare road (${images} images, ${percent(roadShare)} of the picture): ${percent(dynamicShare)} of it has a dynamic class`,
    `phantoms (a piece of over ${percent(LARGE_PIECE)} of the picture): ${phantomImages.length} of ${images} images` +
      (some === '' ? '' : ` (${some}${phantomImages.length > 5 ? ', ...' : ''})`),
    `largest piece: dynamic ${percent(largestDynamic)}, nearer than half its depth ${percent(largestNear)}`,
  ].join('\n');
}
