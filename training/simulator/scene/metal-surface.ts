import { type Color, MATERIAL } from '../mesh/surface.js';
import type { SceneContext } from './context.js';
import { varied } from './palette.js';

/** Painted or galvanised metal; params as in materials/plants.ts, shadeMetal. */
export function metalSurface(
  context: SceneContext,
  label: number,
  color: Color,
  params: readonly number[] = [0.25, 0.06, 0],
): number {
  return context.mesh.surface({
    material: MATERIAL.metal,
    label,
    color: varied(context.random, context.palette, color),
    seed: context.random.uint32(),
    params,
  });
}
