import { childFrame } from '../mesh/frame.js';
import type { AlongPlot } from './along-plot.js';
import { addBuilding, type BuildingSize } from './buildings.js';
import type { Site } from './site.js';

/** A building on a plot, its front along the road. */
export function addPlotBuilding(
  site: Site,
  { random, side, s, outward, size }: Omit<AlongPlot, 'length'> & { readonly size: BuildingSize },
): void {
  // The front follows the chord of the road; on the inside of a bend it steps back so that no corner comes near.
  const a = site.beside(side, s, outward);
  const b = site.beside(side, s + size.length, outward);
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const l = Math.sqrt(dx * dx + dy * dy);
  if (l < 2) return;
  const m = site.beside(side, s + size.length / 2, outward);
  const bulge = ((m.x - a.x) * -dy + (m.y - a.y) * dx) / l;
  const back = Math.max(0, side * bulge);
  const frame = {
    x: a.x - (dy / l) * back * side,
    y: a.y + (dx / l) * back * side,
    z: Math.min(a.z, b.z),
    c: dx / l,
    s: dy / l,
    slope: 0,
  };
  addBuilding(site.context(random, s + size.length / 2, outward), frame, { ...size, length: l }, side);
  const centre = childFrame(frame, { lx: l / 2, ly: (side * size.depth) / 2, lz: 0 });
  site.shade(centre, l / 2, size.depth / 2, 5, 0.55);
}
