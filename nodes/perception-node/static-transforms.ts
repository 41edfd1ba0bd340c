import type { TFMessage, TransformStamped } from '../../msgs/tf-message.js';

type Vector = readonly [x: number, y: number, z: number];
type Transform = TransformStamped['transform'];

/** A static tree deeper than this is a loop. */
const DEEPEST = 100;

/** The transforms of /tf_static, as far as they were heard. */
export class StaticTransforms {
  /** By child: its pose in its parent. */
  readonly #parents = new Map<string, TransformStamped>();

  add({ transforms }: TFMessage): void {
    for (const transform of transforms) this.#parents.set(frame(transform.child_frame_id), transform);
  }

  /** Height of the origin of `child` over that of `base` along the z axis of `base`, metres; undefined when unconnected. */
  heightOver(base: string, child: string): number | undefined {
    const [camera, ground] = [this.#rootFrom(child), this.#rootFrom(base)];
    if (camera === undefined || ground === undefined || camera.root !== ground.root) return undefined;
    const offset = camera.origin.map(
      (value, axis) => value - (ground.origin[axis] ?? 0),
    ) as unknown as Vector;
    // z axis of the base in the root frame.
    const up = ground.rotate([0, 0, 1]);
    return offset[0] * up[0] + offset[1] * up[1] + offset[2] * up[2];
  }

  /** Where a frame is in the root of its tree. */
  #rootFrom(name: string): { root: string; origin: Vector; rotate: (vector: Vector) => Vector } | undefined {
    const chain: Transform[] = [];
    let root = frame(name);
    for (let parent = this.#parents.get(root); parent !== undefined; parent = this.#parents.get(root)) {
      if (chain.length >= DEEPEST) return undefined;
      chain.push(parent.transform);
      root = frame(parent.header.frame_id);
    }
    const rotate = (vector: Vector) => chain.reduce((v, { rotation }) => rotated(rotation, v), vector);
    const origin = chain.reduce<Vector>(
      (v, { rotation, translation: { x, y, z } }) => {
        const turned = rotated(rotation, v);
        return [turned[0] + x, turned[1] + y, turned[2] + z];
      },
      [0, 0, 0],
    );
    return { root, origin, rotate };
  }
}

/** tf2 frames have no leading slash; old drivers write one. */
function frame(name: string): string {
  return name.replace(/^\//, '');
}

/** v + 2 w (q x v) + 2 q x (q x v), for the unit quaternion (q, w). */
function rotated({ x, y, z, w }: Transform['rotation'], v: Vector): Vector {
  const q: Vector = [x, y, z];
  const once = cross(q, v);
  const twice = cross(q, once);
  return [
    v[0] + 2 * (w * once[0] + twice[0]),
    v[1] + 2 * (w * once[1] + twice[1]),
    v[2] + 2 * (w * once[2] + twice[2]),
  ];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
