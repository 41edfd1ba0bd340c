import type { AlongPlot } from './along-plot.js';
import { addFence, addWall } from './furniture.js';
import { addHedge } from './plants.js';
import type { Site } from './site.js';

/** Hedge, fence, wall or nothing along a plot. */
export function addBorder(
  site: Site,
  { random, side, s, length, outward, chance }: AlongPlot & { readonly chance: number },
): void {
  if (!random.chance(chance)) return;
  const kind = random.weighted({ hedge: 3, fence: 3, wall: 2, wallHedge: 1 });
  if (kind === 'hedge')
    addPlotHedge(site, { random, side, s, length, outward: outward + 0.3, height: random.uniform(0.7, 2.2) });
  else if (kind === 'fence')
    segments(s, length, (at, run) =>
      addFence(site.context(random, at, outward), chord(site, side, at, run, outward), run),
    );
  else {
    addPlotWall(site, { random, side, s, length, outward, height: random.uniform(0.4, 1.5) });
    if (kind === 'wallHedge')
      addPlotHedge(site, {
        random,
        side,
        s,
        length,
        outward: outward + 0.7,
        height: random.uniform(1.2, 2.4),
      });
  }
}

/** Adds a hedge along the border of a plot, `height` metres high. */
export function addPlotHedge(
  site: Site,
  { random, side, s, length, outward, height }: AlongPlot & { readonly height: number },
): void {
  const width = random.uniform(0.5, 1.1);
  segments(s, length, (at, run) => {
    addHedge(site.context(random, at, outward), chord(site, side, at, run, outward), run, width, height);
  });
}

/** Adds a wall along the border of a plot, `height` metres high. */
export function addPlotWall(
  site: Site,
  { random, side, s, length, outward, height }: AlongPlot & { readonly height: number },
): void {
  segments(s, length, (at, run) => {
    addWall(site.context(random, at, outward), chord(site, side, at, run, outward), run, height);
  });
}

function segments(s: number, length: number, build: (at: number, run: number) => void): void {
  const count = Math.max(1, Math.ceil(length / 9));
  for (let k = 0; k < count; k++) build(s + (length * k) / count, length / count);
}

/** A frame whose x axis runs from station s to s + run at a distance from the road. */
function chord(site: Site, side: 1 | -1, s: number, run: number, outward: number) {
  const a = site.beside(side, s, outward);
  const b = site.beside(side, s + run, outward);
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const l = Math.sqrt(dx * dx + dy * dy) || 1;
  return { x: a.x, y: a.y, z: a.z, c: dx / l, s: dy / l, slope: (b.z - a.z) / l };
}
