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
  /** Whether static things to which Cityscapes gives no class have one all the same. */
  readonly namesStatic: boolean;
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

/**
 * Class of a static thing that Cityscapes leaves without one, such as a bin or a guard rail. It has none in the plain
 * domains. In varied ones it is `nearest`, the class it resembles. A network learns nothing from a thing without a class, not
 * even that it is no person.
 */
export function staticLabel(context: Pick<SceneContext, 'namesStatic'>, nearest: number): number {
  return context.namesStatic ? nearest : LABEL.none;
}
