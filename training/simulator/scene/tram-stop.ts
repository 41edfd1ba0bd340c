import { addBox, addQuad } from '../mesh/shapes.js';
import { CUTOUT, MATERIAL } from '../mesh/surface.js';
import type { Random } from '../random.js';
import { addBusShelter } from './clutter/bus-shelter.js';
import { addPosterBoard } from './clutter/poster-board.js';
import { LABEL } from './context.js';
import { metalSurface } from './metal-surface.js';
import { srgb } from './palette.js';
import type { Site } from './site.js';

/** A tram stop at the right edge of the median: platform, railing towards the road, shelter, posters. */
export function addTramStop(site: Site, random: Random): void {
  const s0 = site.from + 30 + random.uniform(0, 80);
  const length = random.uniform(20, 45);
  if (site.inJunction(s0, s0 + length, 2)) return;
  const edge = -site.plan.median / 2 + 0.3;
  const height = random.uniform(0.2, 0.4);
  const step = 5;
  const context = site.context(random, s0);
  const { mesh } = site;
  mesh.use(site.path.frame(s0));
  const paving = mesh.surface({
    material: MATERIAL.paving,
    label: LABEL.sidewalk,
    color: srgb(160, 158, 152),
    seed: random.uint32(),
    params: [0.6, 0.4, 0.008, 0.3, 0.2],
  });
  const railed = random.chance(0.8);
  const bars = railed ? random.pick([CUTOUT.pickets, CUTOUT.mesh, CUTOUT.none]) : CUTOUT.none;
  for (let s = s0; s < s0 + length; s += step) {
    // Pieces follow the road's bends; each has the axes of its own.
    mesh.use(site.path.frame(s, edge));
    mesh.beginGroup();
    addBox(mesh, paving, { x: [0, step], y: [0, 1.6], z: [-0.2, height] });
    if (railed) {
      const steel = metalSurface(
        context,
        LABEL.fence,
        random.pick([srgb(150, 152, 150), srgb(120, 122, 124)]),
      );
      const infill = mesh.surface({
        material: MATERIAL.metal,
        label: LABEL.fence,
        color: srgb(140, 142, 140),
        seed: random.uint32(),
        params: bars === CUTOUT.pickets ? [0.1, 1.05] : [0.2, 0.06, 0],
        cutout: bars,
        cutoutAmount: 6,
        twoSided: true,
      });
      addBox(mesh, steel, { x: [0, step], y: [0.05, 0.1], z: [height + 1.05, height + 1.1] }, true);
      addBox(mesh, steel, { x: [0, 0.06], y: [0.04, 0.1], z: [height, height + 1.1] });
      addQuad(mesh, infill, [
        [0, 0.075, height + 0.1],
        [step, 0.075, height + 0.1],
        [step, 0.075, height + 1.05],
        [0, 0.075, height + 1.05],
      ]);
    }
    mesh.endGroup();
  }
  const middle = s0 + length * random.uniform(0.3, 0.6);
  if (random.chance(0.7)) addBusShelter(context, site.path.frame(middle, edge + 0.2, height));
  if (random.chance(0.6))
    addPosterBoard(
      context,
      site.path.frame(middle + 6, edge + 0.8, height),
      random.pick(['light', 'sandwich']),
    );
}
