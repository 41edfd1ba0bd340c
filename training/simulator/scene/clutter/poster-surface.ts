import { POSTER } from '../../materials/poster.js';
import { MATERIAL } from '../../mesh/surface.js';
import type { SceneContext } from '../context.js';
import { hsv } from '../palette.js';

/** The face of a poster of the given aspect (width / height), with whatever is printed on it. */
export function posterSurface(
  context: SceneContext,
  label: number,
  aspect: number,
  { border = 0.03, instance = 0 }: Partial<Readonly<Record<'border' | 'instance', number>>> = {},
): number {
  const { mesh, random } = context;
  const kind = random.weighted({ letters: 2, person: 4, car: 2, photo: 2, face: 1.5 });
  return mesh.surface({
    material: MATERIAL.poster,
    label,
    instance,
    color: hsv(random.uniform(0, 6), random.uniform(0, 0.8), random.uniform(0.35, 1)),
    color2: hsv(random.uniform(0, 6), random.uniform(0, 0.9), random.uniform(0.1, 0.95)),
    seed: random.uint32(),
    params: [POSTER[kind], aspect, border, random.chance(0.15) ? random.uniform(0.05, 0.2) : 0],
  });
}
