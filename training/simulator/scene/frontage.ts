import { childFrame } from '../mesh/frame.js';
import type { Random } from '../random.js';
import type { AlongPlot } from './along-plot.js';
import { addBuilding } from './buildings.js';
import { addCar } from './car.js';
import { gaps } from './ground.js';
import { addTree } from './plants.js';
import { addBorder, addPlotHedge, addPlotWall } from './plot-borders.js';
import { addPlotBuilding } from './plot-building.js';
import { scatterPlants } from './plot-plants.js';
import type { Site } from './site.js';

/** Fills the land beside the road: houses with gardens, rows of buildings, walls, hedges, woods, fields. */
export function addFrontage(site: Site, random: Random, side: 1 | -1): void {
  const plan = site.side(side);
  for (const [from, to] of gaps(site, site.from, site.to, plan.pavement + 0.5)) {
    let s = from + random.uniform(0, 4);
    while (s < to - 3) {
      const kind = random.weighted(plan.frontage);
      const space = to - s;
      s += place(site, { random: random.fork(), side, kind, s, space });
    }
  }
}

/** Trees and houses behind the first row, which close the view between plots; few triangles. */
export function addBackdrop(site: Site, random: Random, side: 1 | -1): void {
  const { layout } = site.plan;
  const town = layout !== 'highway' && layout !== 'country';
  const density = town ? random.uniform(0.3, 1) : random.uniform(0, 0.6);
  for (const [from, to] of gaps(site, site.from, site.to, 6)) {
    for (let s = from + random.uniform(0, 10); s < to - 14; s += random.uniform(7, 20)) {
      if (!random.chance(density)) continue;
      const outward = site.pavementEnd(side) + random.uniform(30, 65);
      if (town && random.chance(0.3)) {
        const frame = site.beside(side, s, outward);
        const size = {
          length: random.uniform(9, 14),
          depth: 10,
          height: random.uniform(5, 15),
          style: random.pick(['house', 'block', 'block'] as const),
        };
        addBuilding(site.context(random, s, 400), { ...frame, slope: 0 }, size, side);
      } else {
        const frame = site.beside(side, s, outward, 0.2);
        addTree(site.context(random, s, 400), { ...frame, slope: 0 }, random.uniform(8, 19));
      }
    }
  }
}

interface Plot extends Pick<AlongPlot, 'random' | 'side' | 's'> {
  readonly kind: string;
  /** How long it may be, metres. */
  readonly space: number;
}

/** Builds one plot of the given kind from station s on; returns the length it takes. */
function place(site: Site, { kind, space, ...at }: Plot): number {
  const { random, side, s } = at;
  const plan = site.side(side);
  const line = site.pavementEnd(side);
  const front = line + plan.setback;
  switch (kind) {
    case 'row': {
      const length = Math.min(space, random.uniform(8, 26));
      const storeys = random.weighted({ 2: 2, 3: 4, 4: 4, 5: 3, 6: 1, 9: 0.4 });
      addPlotBuilding(site, {
        ...at,
        outward: front,
        size: {
          length,
          depth: random.uniform(9, 14),
          height: Number(storeys) * random.uniform(2.8, 3.4),
          style: Number(storeys) > 5 ? 'tower' : 'block',
        },
      });
      if (plan.setback > 2) addBorder(site, { ...at, length, outward: line + 0.2, chance: 0.6 });
      return length + (random.chance(0.65) ? 0.02 : random.uniform(1.5, 8));
    }
    case 'house': {
      const length = Math.min(space, random.uniform(8, 15));
      const garden = Math.min(space - length, random.uniform(3, 10));
      addPlotBuilding(site, {
        ...{ ...at, s: s + garden / 2 },
        outward: front + random.uniform(0, 3),
        size: {
          length,
          depth: random.uniform(8, 12),
          height: random.uniform(3, 7.5),
          style: 'house',
        },
      });
      addBorder(site, { ...at, length: length + garden, outward: line + 0.3, chance: 0.85 });
      scatterPlants(site, {
        ...at,
        length: length + garden,
        outward: line + 1,
        depth: Math.max(1, plan.setback - 1),
        count: random.integer(0, 3),
        trees: 0.5,
      });
      return length + garden;
    }
    case 'garden': {
      const length = Math.min(space, random.uniform(6, 22));
      addBorder(site, { ...at, length, outward: line + 0.3, chance: 0.9 });
      scatterPlants(site, {
        ...at,
        length,
        outward: line + 1.5,
        depth: 16,
        count: random.integer(2, 6),
        trees: 0.6,
      });
      return length;
    }
    case 'wall': {
      const length = Math.min(space, random.uniform(8, 35));
      addPlotWall(site, { ...at, length, outward: line + 0.3, height: random.uniform(0.8, 3.2) });
      scatterPlants(site, {
        ...at,
        length,
        outward: line + 2.5,
        depth: 15,
        count: random.integer(1, 6),
        trees: 0.7,
      });
      return length;
    }
    case 'hedge': {
      const length = Math.min(space, random.uniform(5, 25));
      addPlotHedge(site, { ...at, length, outward: line + 0.7, height: random.uniform(0.8, 2.6) });
      scatterPlants(site, {
        ...at,
        length,
        outward: line + 3,
        depth: 14,
        count: random.integer(1, 5),
        trees: 0.75,
      });
      return length;
    }
    case 'bushes': {
      const length = Math.min(space, random.uniform(5, 20));
      scatterPlants(site, {
        ...at,
        length,
        outward: line + 0.8,
        depth: 5,
        count: Math.ceil(length / random.uniform(1.2, 2.5)),
        trees: 0.12,
      });
      scatterPlants(site, {
        ...at,
        length,
        outward: line + 6,
        depth: 12,
        count: random.integer(0, 4),
        trees: 0.8,
      });
      return length;
    }
    case 'wood': {
      const length = Math.min(space, random.uniform(12, 45));
      const near = line + random.uniform(0.8, 4);
      scatterPlants(site, {
        ...at,
        length,
        outward: near,
        depth: 5,
        count: Math.ceil(length / random.uniform(3, 5)),
        trees: 0.75,
      });
      scatterPlants(site, {
        ...at,
        length,
        outward: near + 5,
        depth: 14,
        count: Math.ceil(length / 3.5),
        trees: 0.85,
      });
      if (random.chance(0.75))
        scatterPlants(site, {
          ...at,
          length,
          outward: near,
          depth: 3,
          count: Math.ceil(length / 2),
          trees: 0.02,
        });
      return length;
    }
    case 'hall': {
      const length = Math.min(space, random.uniform(18, 50));
      addPlotBuilding(site, {
        ...at,
        outward: front + random.uniform(2, 14),
        size: {
          length,
          depth: random.uniform(12, 30),
          height: random.uniform(4, 11),
          style: 'hall',
        },
      });
      if (random.chance(0.5)) addBorder(site, { ...at, length, outward: line + 0.3, chance: 1 });
      return length + 2;
    }
    case 'lot': {
      const length = Math.min(space, random.uniform(10, 30));
      for (let x = 1.5; x + 1.5 < length; x += random.uniform(2.5, 2.9)) {
        if (random.chance(0.3)) continue;
        const frame = site.beside(side, s + x, line + 4);
        const turned = childFrame(frame, {
          lx: 0,
          ly: 0,
          lz: 0,
          c: random.normal(0, 0.03),
          s: random.chance(0.5) ? 1 : -1,
        });
        addCar(site.context(random, s + x, line + 10), { ...turned, slope: 0 }, site.newInstance(), false);
        site.shade(turned, 2.1, 0.85, 0.7, 0.75);
      }
      scatterPlants(site, {
        ...at,
        length,
        outward: line + 9,
        depth: 12,
        count: random.integer(1, 5),
        trees: 0.8,
      });
      return length;
    }
    default: {
      const length = Math.min(space, random.uniform(8, 30));
      scatterPlants(site, {
        ...at,
        length,
        outward: line + 3,
        depth: 40,
        count: random.integer(0, 3),
        trees: 0.6,
      });
      if (random.chance(0.3))
        addBorder(site, { ...at, length, outward: line + random.uniform(0.5, 6), chance: 0.6 });
      return length;
    }
  }
}
