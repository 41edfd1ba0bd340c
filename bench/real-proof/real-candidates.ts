import { noisy, type Spoil, squeezed } from '../judge-proof/spoiled-weights.js';
import { blurred, type Damage, flattened, scaled, stretched, tilted, withHoles } from './damaged-model.js';

/** Recorded drives that are adapted to. */
export interface RealRun {
  readonly drive: string;
  readonly steps: number;
  /** Shares of the way at which the weights are kept. */
  readonly at: readonly number[];
}

/**
 * A drive that an adaptation is judged on, who guards it, and the drives by whose truth it is measured. A guard's truth counts
 * only for the verdict without guards. The parent has learned from the highway, and is best there: it guards nobody.
 */
export interface RealCase {
  readonly drive: string;
  readonly guards: readonly string[];
  readonly measured: readonly string[];
  readonly candidates: readonly RealCandidate[];
}

export interface RealCandidate {
  readonly name: string;
  readonly family: 'on the way' | 'half way back' | 'beyond' | "another drive's" | 'damaged';
  /** Weights of an adaptation at the step nearest to this; the parent's where left out. */
  readonly run?: string;
  readonly step?: number;
  /** Of the way from the parent to them: 1 where left out. */
  readonly share?: number;
  readonly spoil?: Spoil;
  readonly damage?: Damage;
}

/** Truth of the drives: nobody but the proof sees it. */
export const TRUTH_TOPICS: Readonly<Record<string, string | undefined>> = {
  kitti_road_raw: '/sfm/points',
  kitti_stereo_1: '/stereo/points',
  kitti_traffic_jam: '/kitti/velo/points',
  highway_dashcam: undefined,
};

/** Four passes over a drive, as `rxdepth adapt` makes them, and what lies on the way. */
export const RUNS: readonly RealRun[] = [
  { drive: 'kitti_road_raw', steps: 360, at: [0.1, 0.25, 0.5, 0.75] },
  { drive: 'kitti_stereo_1', steps: 120, at: [0.25, 0.5] },
  { drive: 'highway_dashcam', steps: 160, at: [0.25, 0.5] },
];

const along = (run: string, steps: readonly number[]): RealCandidate[] =>
  steps.map((step) => ({ name: `${step}`, family: 'on the way', run, step }));
const back = (run: string, step: number, shares: readonly number[]): RealCandidate[] =>
  shares.map((share) => ({
    ...{ name: `${step} x ${share}`, family: share > 1 ? 'beyond' : 'half way back' },
    ...{ run, step, share },
  }));
const damaged = (run: string, step: number): RealCandidate[] => {
  const from = { family: 'damaged', run, step } as const;
  return [
    { ...from, name: `${step}, depth x 1.3`, damage: scaled(1.3) },
    { ...from, name: `${step}, blurred`, damage: blurred(8) },
    { ...from, name: `${step}, flattened`, damage: flattened(0.6) },
    { ...from, name: `${step}, holes`, damage: withHoles },
    { ...from, name: `${step}, tilted`, damage: tilted(0.25) },
    { ...from, name: `${step}, stretched`, damage: stretched(12) },
    { ...from, name: `${step}, noise`, spoil: noisy(0.1, 44) },
    { ...from, name: `${step}, squeezed`, spoil: squeezed(0.6) },
  ];
};
const PARENT: readonly RealCandidate[] = [
  { name: 'same', family: 'damaged' },
  { name: 'noise-0.02', family: 'damaged', spoil: noisy(0.02, 41) },
  { name: 'noise-0.08', family: 'damaged', spoil: noisy(0.08, 43) },
];

export const CASES: readonly RealCase[] = [
  {
    ...{
      drive: 'kitti_road_raw',
      guards: ['kitti_stereo_1'],
      measured: ['kitti_stereo_1', 'kitti_traffic_jam'],
    },
    candidates: [
      ...along('kitti_road_raw', [36, 90, 180, 270, 360]),
      ...back('kitti_road_raw', 360, [0.25, 0.5, 0.75, 1.5, 2.5]),
      ...damaged('kitti_road_raw', 360),
      { name: 'of kitti_stereo_1', family: "another drive's", run: 'kitti_stereo_1', step: 60 },
      { name: 'of highway_dashcam', family: "another drive's", run: 'highway_dashcam', step: 80 },
      ...PARENT,
    ],
  },
  {
    ...{
      drive: 'kitti_stereo_1',
      guards: ['kitti_road_raw'],
      measured: ['kitti_road_raw', 'kitti_traffic_jam'],
    },
    candidates: [
      ...along('kitti_stereo_1', [30, 60, 120]),
      ...back('kitti_stereo_1', 120, [0.5, 2]),
      { name: 'of kitti_road_raw', family: "another drive's", run: 'kitti_road_raw', step: 360 },
    ],
  },
  {
    ...{
      drive: 'highway_dashcam',
      guards: ['kitti_stereo_1'],
      measured: ['kitti_stereo_1', 'kitti_road_raw', 'kitti_traffic_jam'],
    },
    candidates: [
      ...along('highway_dashcam', [40, 80, 160]),
      ...back('highway_dashcam', 160, [0.5, 2]),
      { name: 'of kitti_road_raw', family: "another drive's", run: 'kitti_road_raw', step: 360 },
    ],
  },
];
