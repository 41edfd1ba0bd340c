import { blockLength, type Interval, ratioBootstrap } from '../bootstrap.js';
import type { LabelRow } from './label-evidence.js';
import { agreementGain, pixelGain } from './label-overlap.js';

/** Both models' labels on pictures that neither learned from, without any truth. */
export interface LabelFigures {
  readonly pictures: number;
  /** Pictures in which a road is found under the camera: only these say where things are. */
  readonly placed: number;
  /** Share of the pixels whose class is another than the parent's. */
  readonly changed: number;
  /** What the parent's labels and places say about each other, nats a pixel; 0 for labels that know nothing of the scene. */
  readonly parentPlace: number;
  /** candidate - parent of that: above 0 is a gain. */
  readonly placeGain: Interval;
  /** candidate - parent of the overlap (mean IoU) with the labels of the mirror image, points: above 0 is a gain. */
  readonly mirrorGain: Interval;
  /** The same with the labels of the neighbouring picture, where the motion is known; undefined elsewhere. */
  readonly timeGain?: Interval;
  /** Both as shares of the pixels: what large classes say, with little noise. */
  readonly mirrorPixels: Interval;
  readonly timePixels?: Interval;
}

/** @param rows in the order of time, at least one. */
export function labelFigures(rows: readonly LabelRow[]): LabelFigures {
  const sum = (of: (row: LabelRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  const placed = rows.filter(({ parent }) => parent.place !== undefined);
  const block = blockLength(placed.length);
  const pixels = ({ parent }: LabelRow) => parent.labels.length;
  const timed = rows.flatMap(({ parent: { time: before }, candidate: { time: after } }) =>
    before === undefined || after === undefined ? [] : [[before, after] as const],
  );
  const mirror = rows.map(({ parent, candidate }) => [parent.mirror, candidate.mirror] as const);
  return {
    ...{ pictures: rows.length, placed: placed.length, changed: sum(({ changed }) => changed) / sum(pixels) },
    parentPlace:
      placed.reduce((total, { parent }) => total + (parent.place ?? 0), 0) /
      placed.reduce((total, row) => total + pixels(row), 0),
    placeGain:
      placed.length === 0
        ? NOTHING
        : ratioBootstrap(
            placed.map(({ parent, candidate }) => (candidate.place ?? 0) - (parent.place ?? 0)),
            placed.map(pixels),
            block,
          ),
    mirrorGain: agreementGain(mirror),
    mirrorPixels: pixelGain(mirror),
    ...(timed.length > 0 && { timeGain: agreementGain(timed), timePixels: pixelGain(timed) }),
  };
}

const NOTHING: Interval = { mean: Number.NaN, low: Number.NaN, high: Number.NaN };
