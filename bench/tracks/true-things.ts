import type { Intrinsics } from '../../msgs/camera/intrinsics.js';
import { boxOf, extentOf } from '../../nodes/perception/tracks/extent.js';
import type { Box } from '../../nodes/perception/tracks/seen-object.js';
import { DYNAMIC_CLASSES } from '../../training/losses/dynamic-masks.js';
import type { TrueVelocity } from '../../training/simulator/true-velocities.js';

/** A vehicle or a person of a simulated frame. */
export interface TrueThing {
  readonly instance: number;
  /** Most of its pixels have this label. */
  readonly label: number;
  readonly pixels: number;
  /** How many of them the model gives a dynamic class. */
  readonly seen: number;
  /** Of what is seen of it, metres. */
  readonly box: Box;
  readonly velocity: TrueVelocity;
}

export interface TruePicture {
  readonly height: number;
  readonly width: number;
  readonly intrinsics: Intrinsics;
  /** [H, W] of the simulator. */
  readonly depth: Float32Array;
  readonly labels: Uint8Array;
  readonly instances: Uint16Array;
  /** [H, W] the model's. */
  readonly saidLabels: Uint8Array;
  readonly velocities: ReadonlyMap<number, TrueVelocity>;
}

/** The things of dynamic classes that a frame shows, however small; their boxes are measured as the node's are, by true depth. */
export function trueThings(picture: TruePicture): TrueThing[] {
  const { labels, instances, saidLabels, velocities } = picture;
  const pixels = new Map<number, number[]>();
  for (let at = 0; at < labels.length; at++) {
    const instance = instances[at];
    if (instance === 0 || !DYNAMIC_CLASSES.includes(labels[at])) continue;
    const known = pixels.get(instance);
    if (known === undefined) pixels.set(instance, [at]);
    else known.push(at);
  }
  return [...pixels].flatMap(([instance, all]) => {
    const extent = extentOf(Int32Array.from(all), picture);
    if (extent === undefined) return [];
    const seen = all.filter((at) => DYNAMIC_CLASSES.includes(saidLabels[at])).length;
    const label = labels[all[all.length >> 1]];
    const velocity = velocities.get(instance) ?? ([0, 0, 0] as const);
    return [{ ...{ instance, label, seen, velocity }, pixels: all.length, box: boxOf(extent) }];
  });
}
