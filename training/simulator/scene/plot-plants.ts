import type { AlongPlot } from './along-plot.js';
import { addBush, addTree } from './plants.js';
import type { Site } from './site.js';

/** Trees (share `trees`) and bushes scattered over a plot. */
export function scatterPlants(
  site: Site,
  {
    random,
    side,
    s,
    length,
    outward,
    depth,
    count,
    trees,
  }: AlongPlot & { readonly depth: number; readonly count: number; readonly trees: number },
): void {
  for (let k = 0; k < count; k++) {
    const at = s + random.uniform(0, length);
    const d = outward + random.uniform(0, depth);
    if (site.inJunction(at, at, 1.5)) continue;
    const frame = site.beside(side, at, d, 0.1);
    const context = site.context(random, at, d);
    if (random.chance(trees)) {
      const crown = addTree(context, { ...frame, slope: 0 }, random.uniform(4.5, 15));
      site.shade(frame, crown * 0.3, crown * 0.3, crown * 0.9, 0.45);
    } else {
      const size = random.uniform(0.6, 2.4);
      addBush(context, { ...frame, slope: 0 }, size);
      site.shade(frame, size * 0.5, size * 0.4, size * 0.7, 0.6);
    }
  }
}
