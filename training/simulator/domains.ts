import { TrainingError } from '../errors.js';
import type { Variety } from './variety.js';

/** A named set of distributions from which scenes, light and cameras are drawn. Pairs are [low, high] of a uniform law. */
export interface Domain {
  readonly name: string;
  readonly layouts: Readonly<Record<LayoutName, number>>;
  /** Weights of how dense the traffic in the camera's direction is; by default those of the road's kind. */
  readonly traffic?: Readonly<Record<TrafficDensity, number>>;
  /** Metres from the camera to the first vehicle of its own lane; by default by how dense the traffic is. */
  readonly followGap?: readonly [number, number];
  /** Speed of the camera in a drive, metres a second; by default by how dense the traffic is. */
  readonly cameraSpeed?: readonly [number, number];
  /** Whether vehicles and people may move, default true. */
  readonly movement?: boolean;
  /** How much more often than usual vehicles are lorries and buses, default 1. */
  readonly heavyTraffic?: number;
  /** Chance that a lorry, bus or van stands or drives right beside the camera or just ahead of it, default 0. */
  readonly besideChance?: number;
  /** Chance that a picture has colours and textures far from real ones, and how wild they are then. */
  readonly wildChance: number;
  readonly wildness: number;
  /** Focal length as a share of the picture's width. */
  readonly focal: readonly [number, number];
  readonly cameraHeight: readonly [number, number];
  readonly pitchDegrees: readonly [number, number];
  readonly rollDegrees: readonly [number, number];
  readonly yawDegrees: readonly [number, number];
  readonly curvature: readonly [number, number];
  readonly slope: readonly [number, number];
  readonly sunElevationDegrees: readonly [number, number];
  readonly overcastChance: number;
  readonly hazeDistance: readonly [number, number];
  readonly effects: EffectRanges;
  /** Streets with far more in them; plain ones when absent. */
  readonly variety?: Variety;
}

/** `flow`: moving with short gaps; `queue`: standing or crawling. */
export type TrafficDensity = 'empty' | 'sparse' | 'flow' | 'queue';

export type LayoutName = 'street' | 'suburb' | 'arterial' | 'highway' | 'country';

/** Sensor and lens; shares of the full scale unless said otherwise. */
export interface EffectRanges {
  /** log2 of the exposure relative to a well exposed picture. */
  readonly exposureStops: readonly [number, number];
  /** Chance of hard contrast with deep shadows. */
  readonly harshChance: number;
  readonly contrast: readonly [number, number];
  readonly saturation: readonly [number, number];
  readonly whiteBalance: number;
  readonly vignette: readonly [number, number];
  /** Standard deviation of the blur, pixels of a picture 512 wide. */
  readonly blur: readonly [number, number];
  readonly noise: readonly [number, number];
  /** Shift of red against blue at the picture's border, share of the width. */
  readonly chromatic: readonly [number, number];
  readonly blockChance: number;
  readonly sharpen: readonly [number, number];
}

const TOWN_CLEAN: Domain = {
  name: 'town-clean',
  layouts: { street: 4, suburb: 4, arterial: 2, highway: 0, country: 0.5 },
  wildChance: 0,
  wildness: 0,
  focal: [0.55, 0.62],
  cameraHeight: [1.5, 1.75],
  pitchDegrees: [-1, 1],
  rollDegrees: [-0.4, 0.4],
  yawDegrees: [-2, 2],
  curvature: [0, 0.006],
  slope: [0, 0.015],
  sunElevationDegrees: [25, 65],
  overcastChance: 0.25,
  hazeDistance: [1500, 4000],
  effects: {
    exposureStops: [-0.2, 0.3],
    harshChance: 0,
    contrast: [0.95, 1.15],
    saturation: [0.9, 1.1],
    whiteBalance: 0.03,
    vignette: [0, 0.1],
    blur: [0, 0.2],
    noise: [0.002, 0.006],
    chromatic: [0, 0],
    blockChance: 0,
    sharpen: [0, 0.2],
  },
};

const TOWN_CAMERA: Domain = {
  ...TOWN_CLEAN,
  name: 'town-camera',
  layouts: { street: 3, suburb: 5, arterial: 3, highway: 0, country: 1 },
  focal: [0.55, 0.62],
  sunElevationDegrees: [14, 50],
  overcastChance: 0.35,
  hazeDistance: [250, 900],
  effects: {
    exposureStops: [-0.7, 0.9],
    harshChance: 0.2,
    contrast: [1.15, 1.6],
    saturation: [0.55, 0.85],
    whiteBalance: 0.12,
    vignette: [0.15, 0.4],
    blur: [0.35, 0.8],
    noise: [0.012, 0.035],
    chromatic: [0.0003, 0.001],
    blockChance: 0.5,
    sharpen: [0, 0.3],
  },
};

const WIDE: Domain = {
  name: 'wide',
  layouts: { street: 3, suburb: 4.5, arterial: 3.5, highway: 2.2, country: 1.3 },
  wildChance: 0.25,
  wildness: 0.6,
  focal: [0.45, 1],
  cameraHeight: [1.2, 2.2],
  pitchDegrees: [-4, 4],
  rollDegrees: [-2, 2],
  yawDegrees: [-8, 8],
  curvature: [0, 0.014],
  slope: [0, 0.035],
  sunElevationDegrees: [10, 75],
  overcastChance: 0.28,
  hazeDistance: [400, 8000],
  effects: {
    exposureStops: [-1.6, 0.7],
    harshChance: 0.4,
    contrast: [0.85, 2],
    saturation: [0.35, 1.35],
    whiteBalance: 0.12,
    vignette: [0, 0.4],
    blur: [0, 0.55],
    noise: [0, 0.03],
    chromatic: [0, 0.001],
    blockChance: 0.15,
    sharpen: [0, 0.8],
  },
};

/** As `wide`, on busy roads: large vehicles at close range, partly out of the picture, where they fill much of it. */
const TRAFFIC: Domain = {
  ...WIDE,
  name: 'traffic',
  layouts: { street: 2, suburb: 1, arterial: 6, highway: 2.5, country: 0.3 },
  heavyTraffic: 4,
  besideChance: 0.75,
};

/**
 * As `town-camera` with a better sensor, close behind cars that drive at about the camera's speed, which self-supervised
 * depth takes to be infinitely far away. Others stand parked.
 */
const CONVOY: Domain = {
  ...TOWN_CAMERA,
  name: 'convoy',
  layouts: { street: 4, suburb: 3, arterial: 3, highway: 0.5, country: 0.5 },
  traffic: { empty: 0, sparse: 0, flow: 1, queue: 0 },
  followGap: [5, 18],
  effects: { ...TOWN_CAMERA.effects, blur: [0.1, 0.4], noise: [0.003, 0.01] },
};

/** As `convoy`, on motorways: no vehicle is parked, all of them move. */
const HIGHWAY: Domain = {
  ...CONVOY,
  name: 'highway',
  layouts: { street: 0, suburb: 0, arterial: 0, highway: 1, country: 0 },
  followGap: [8, 25],
};

/** Streets of `town-camera` without traffic: nothing moves but the camera. */
const PARKED: Domain = {
  ...TOWN_CAMERA,
  name: 'parked',
  layouts: { street: 5, suburb: 3, arterial: 0, highway: 0, country: 0 },
  traffic: { empty: 1, sparse: 0, flow: 0, queue: 0 },
  movement: false,
};

/** Seen from a car that stands at a road with oncoming traffic: only others move. */
const STANDING: Domain = {
  ...CONVOY,
  name: 'standing',
  layouts: { street: 2, suburb: 1, arterial: 5, highway: 0, country: 0.5 },
  traffic: { empty: 0, sparse: 1, flow: 1, queue: 1 },
  cameraSpeed: [0, 0],
};

/**
 * Streets as real drives show them and `wide` does not. Things that are taken for people and cars and are none, worn asphalt,
 * grass right beside the road, underpasses, few people. Static things have a class here, see `staticLabel`.
 */
const TOWN_VARIED: Domain = {
  ...WIDE,
  name: 'town-varied',
  layouts: { street: 3, suburb: 4, arterial: 3.5, highway: 1.6, country: 1.9 },
  besideChance: 0.2,
  heavyTraffic: 1.5,
  wildChance: 0.15,
  focal: [0.42, 1],
  cameraHeight: [0.8, 2.5],
  pitchDegrees: [-6, 6],
  rollDegrees: [-3, 3],
  sunElevationDegrees: [5, 70],
  hazeDistance: [250, 8000],
  variety: {
    clutter: [0.03, 0.22],
    emptyPavementChance: 0.35,
    people: [0.05, 0.5],
    nearPeopleChance: 0.2,
    openVergeChance: 0.3,
    lawnChance: 0.2,
    underpassChance: 0.12,
    wornAsphaltChance: 0.75,
  },
};

/** As `town-varied`, on busy roads: large vehicles at close range. */
const TRAFFIC_VARIED: Domain = {
  ...TOWN_VARIED,
  name: 'traffic-varied',
  layouts: TRAFFIC.layouts,
  heavyTraffic: 4,
  besideChance: 0.75,
};

/** Every domain, by name. */
export const DOMAINS: Readonly<Record<string, Domain>> = {
  'town-clean': TOWN_CLEAN,
  'town-camera': TOWN_CAMERA,
  wide: WIDE,
  traffic: TRAFFIC,
  convoy: CONVOY,
  highway: HIGHWAY,
  parked: PARKED,
  standing: STANDING,
  'town-varied': TOWN_VARIED,
  'traffic-varied': TRAFFIC_VARIED,
};

/** The domain of that name; throws a TrainingError that lists the names there are. */
export function domainNamed(name: string): Domain {
  const domain = Object.hasOwn(DOMAINS, name) ? DOMAINS[name] : undefined;
  if (domain === undefined)
    throw new TrainingError(
      `simulator: unknown domain \`${name}\`; expected one of ${Object.keys(DOMAINS)
        .map((known) => `\`${known}\``)
        .join(', ')}`,
    );
  return domain;
}
