import test from 'ava';
import { confirmedLabels } from '../../../../training/adaptation/teacher/confirmed-labels.js';

const VIEW = { width: 4, height: 1, intrinsics: { fx: 2, fy: 2, cx: 1.5, cy: 0 } };
const DEPTH = new Float32Array(4).fill(10);
/** The camera stays, or moves 5 m to the right: what is 10 m away moves one pixel to the left. */
const STILL = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
const RIGHT = STILL.map((value, i) => (i === 3 ? -5 : value));

const confirmed = (labels: number[], ...neighbours: [number[], readonly number[]][]) => [
  ...confirmedLabels(
    Uint8Array.from(labels),
    DEPTH,
    neighbours.map(([there, sourceFromTarget]) => ({
      labels: Uint8Array.from(there),
      sourceFromTarget: Float64Array.from(sourceFromTarget),
    })),
    VIEW,
  ),
];

test('labels last where every neighbour that shows the place says the same', (t) => {
  t.deepEqual(confirmed([0, 1, 2, 255], [[0, 1, 9, 3], STILL]), [0, 1, 255, 255]);
  t.deepEqual(confirmed([0, 1, 2, 3], [[0, 1, 2, 3], STILL], [[0, 9, 2, 3], STILL]), [0, 255, 2, 3]);
});

test('a moving camera sees the same place elsewhere, and nothing beyond its picture', (t) => {
  t.deepEqual(confirmed([5, 1, 2, 3], [[1, 2, 3, 9], RIGHT]), [255, 1, 2, 3]);
  t.deepEqual(confirmed([5, 1, 2, 3], [[1, 2, 3, 9], RIGHT], [[5, 1, 2, 3], STILL]), [5, 1, 2, 3]);
});

test('without a neighbour nothing lasts', (t) => {
  t.deepEqual(confirmed([0, 1, 2, 3]), [255, 255, 255, 255]);
});
