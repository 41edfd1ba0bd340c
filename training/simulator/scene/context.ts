import type { Mesh } from '../mesh/mesh.js';
import type { Random } from '../random.js';
import type { Palette } from './palette.js';

/** What every builder of a thing needs. */
export interface SceneContext {
  readonly mesh: Mesh;
  readonly random: Random;
  readonly palette: Palette;
  /** 0 far (few triangles) .. 2 near. */
  readonly detail: 0 | 1 | 2;
}

/** trainIds (Cityscapes). */
export const LABEL = {
  road: 0,
  sidewalk: 1,
  building: 2,
  wall: 3,
  fence: 4,
  pole: 5,
  trafficLight: 6,
  trafficSign: 7,
  vegetation: 8,
  terrain: 9,
  sky: 10,
  person: 11,
  rider: 12,
  car: 13,
  truck: 14,
  bus: 15,
  train: 16,
  motorcycle: 17,
  bicycle: 18,
  none: 255,
} as const;
