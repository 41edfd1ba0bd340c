import { addTube } from '../mesh/shapes.js';
import { MATERIAL } from '../mesh/surface.js';
import type { SceneContext } from './context.js';

/** Wheels at both sides of every axle station. */
export function addWheels(
  context: SceneContext,
  {
    instance,
    label,
    axles,
    halfWidth,
    radius,
    thickness,
  }: {
    readonly instance: number;
    readonly label: number;
    readonly axles: readonly number[];
    readonly halfWidth: number;
    readonly radius: number;
    readonly thickness: number;
  },
): void {
  const { mesh, random, detail } = context;
  const wheel = mesh.surface({
    material: MATERIAL.wheel,
    label,
    instance,
    color: [0.02, 0.02, 0.02],
    seed: random.uint32(),
    params: [random.uniform(0.6, 0.72), random.integer(4, 8), random.pick([0.05, 0.25, 0.4, 0.5])],
  });
  const sides = detail === 2 ? 18 : detail === 1 ? 12 : 8;
  for (const x of axles) {
    addTube(
      mesh,
      wheel,
      [
        [x, halfWidth - thickness, radius],
        [x, halfWidth, radius],
      ],
      [radius, radius],
      { sides, caps: true },
    );
    addTube(
      mesh,
      wheel,
      [
        [x, thickness - halfWidth, radius],
        [x, -halfWidth, radius],
      ],
      [radius, radius],
      { sides, caps: true },
    );
  }
}
