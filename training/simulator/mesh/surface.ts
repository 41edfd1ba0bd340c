import type { ObjectFrame } from './frame.js';

/** Linear reflectance, 0..1. */
export type Color = readonly [number, number, number];

/** Which procedural shader colours a surface. */
export const MATERIAL = {
  plain: 0,
  road: 1,
  paving: 2,
  grass: 3,
  facade: 4,
  roof: 5,
  brick: 6,
  planks: 7,
  foliage: 8,
  metal: 9,
  paint: 10,
  glass: 11,
  wheel: 12,
  sign: 13,
  cloth: 14,
  lamp: 15,
  panel: 16,
  busSide: 17,
  hill: 18,
  wornRoad: 19,
  poster: 20,
} as const;
export type Material = (typeof MATERIAL)[keyof typeof MATERIAL];

/** Holes that the rasteriser cuts by position, so that they are the same from every view. */
export const CUTOUT = { none: 0, foliage: 1, pickets: 2, mesh: 3 } as const;
export type Cutout = (typeof CUTOUT)[keyof typeof CUTOUT];

/** What triangles share: look, class, instance. */
export interface Surface {
  readonly material: Material;
  /** Cityscapes trainId, or 255. */
  readonly label: number;
  /** 0 = no instance. */
  readonly instance: number;
  readonly color: Color;
  readonly color2: Color;
  readonly seed: number;
  /** Meaning depends on the material; see its file. */
  readonly params: readonly number[];
  readonly frame: ObjectFrame;
  readonly cutout: Cutout;
  /** Share of holes (foliage) or cells a metre (pickets, mesh). */
  readonly cutoutAmount: number;
  /** Seen from behind too. */
  readonly twoSided: boolean;
  readonly castsShadow: boolean;
}
