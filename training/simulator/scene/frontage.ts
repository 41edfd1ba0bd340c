import { childFrame } from '../mesh/frame.js';
import type { Random } from '../random.js';
import { addBuilding, type BuildingSize } from './buildings.js';
import { addCar } from './car.js';
import { addFence, addWall } from './furniture.js';
import { gaps } from './ground.js';
import { addBush, addHedge, addTree } from './plants.js';
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

/** Builds one plot of the given kind from station s on; returns the length it takes. */
function place(
  site: Site,
  {
    random,
    side,
    kind,
    s,
    space,
  }: {
    readonly random: Random;
    readonly side: 1 | -1;
    readonly kind: string;
    readonly s: number;
    readonly space: number;
  },
): number {
  const plan = site.side(side);
  const line = site.pavementEnd(side);
  const front = line + plan.setback;
  switch (kind) {
    case 'row': {
      const length = Math.min(space, random.uniform(8, 26));
      const storeys = random.weighted({ 2: 2, 3: 4, 4: 4, 5: 3, 6: 1, 9: 0.4 });
      building(site, {
        random,
        side,
        s,
        outward: front,
        size: {
          length,
          depth: random.uniform(9, 14),
          height: Number(storeys) * random.uniform(2.8, 3.4),
          style: Number(storeys) > 5 ? 'tower' : 'block',
        },
      });
      if (plan.setback > 2) border(site, { random, side, s, length, outward: line + 0.2, chance: 0.6 });
      return length + (random.chance(0.65) ? 0.02 : random.uniform(1.5, 8));
    }
    case 'house': {
      const length = Math.min(space, random.uniform(8, 15));
      const garden = Math.min(space - length, random.uniform(3, 10));
      building(site, {
        random,
        side,
        s: s + garden / 2,
        outward: front + random.uniform(0, 3),
        size: {
          length,
          depth: random.uniform(8, 12),
          height: random.uniform(3, 7.5),
          style: 'house',
        },
      });
      border(site, { random, side, s, length: length + garden, outward: line + 0.3, chance: 0.85 });
      plants(site, {
        random,
        side,
        s,
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
      border(site, { random, side, s, length, outward: line + 0.3, chance: 0.9 });
      plants(site, {
        random,
        side,
        s,
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
      walls(site, { random, side, s, length, outward: line + 0.3, height: random.uniform(0.8, 3.2) });
      plants(site, {
        random,
        side,
        s,
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
      hedge(site, { random, side, s, length, outward: line + 0.7, height: random.uniform(0.8, 2.6) });
      plants(site, {
        random,
        side,
        s,
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
      plants(site, {
        random,
        side,
        s,
        length,
        outward: line + 0.8,
        depth: 5,
        count: Math.ceil(length / random.uniform(1.2, 2.5)),
        trees: 0.12,
      });
      plants(site, {
        random,
        side,
        s,
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
      plants(site, {
        random,
        side,
        s,
        length,
        outward: near,
        depth: 5,
        count: Math.ceil(length / random.uniform(3, 5)),
        trees: 0.75,
      });
      plants(site, {
        random,
        side,
        s,
        length,
        outward: near + 5,
        depth: 14,
        count: Math.ceil(length / 3.5),
        trees: 0.85,
      });
      if (random.chance(0.75))
        plants(site, {
          random,
          side,
          s,
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
      building(site, {
        random,
        side,
        s,
        outward: front + random.uniform(2, 14),
        size: {
          length,
          depth: random.uniform(12, 30),
          height: random.uniform(4, 11),
          style: 'hall',
        },
      });
      if (random.chance(0.5)) border(site, { random, side, s, length, outward: line + 0.3, chance: 1 });
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
      plants(site, {
        random,
        side,
        s,
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
      plants(site, {
        random,
        side,
        s,
        length,
        outward: line + 3,
        depth: 40,
        count: random.integer(0, 3),
        trees: 0.6,
      });
      if (random.chance(0.3))
        border(site, { random, side, s, length, outward: line + random.uniform(0.5, 6), chance: 0.6 });
      return length;
    }
  }
}

function building(
  site: Site,
  {
    random,
    side,
    s,
    outward,
    size,
  }: {
    readonly random: Random;
    readonly side: 1 | -1;
    readonly s: number;
    readonly outward: number;
    readonly size: BuildingSize;
  },
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

/** Hedge, fence, wall or nothing along a plot. */
function border(
  site: Site,
  {
    random,
    side,
    s,
    length,
    outward,
    chance,
  }: {
    readonly random: Random;
    readonly side: 1 | -1;
    readonly s: number;
    readonly length: number;
    readonly outward: number;
    readonly chance: number;
  },
): void {
  if (!random.chance(chance)) return;
  const kind = random.weighted({ hedge: 3, fence: 3, wall: 2, wallHedge: 1 });
  if (kind === 'hedge')
    hedge(site, { random, side, s, length, outward: outward + 0.3, height: random.uniform(0.7, 2.2) });
  else if (kind === 'fence')
    segments(site, s, length, (at, run) =>
      addFence(site.context(random, at, outward), chord(site, side, at, run, outward), run),
    );
  else {
    walls(site, { random, side, s, length, outward, height: random.uniform(0.4, 1.5) });
    if (kind === 'wallHedge')
      hedge(site, { random, side, s, length, outward: outward + 0.7, height: random.uniform(1.2, 2.4) });
  }
}

function hedge(
  site: Site,
  {
    random,
    side,
    s,
    length,
    outward,
    height,
  }: {
    readonly random: Random;
    readonly side: 1 | -1;
    readonly s: number;
    readonly length: number;
    readonly outward: number;
    readonly height: number;
  },
): void {
  const width = random.uniform(0.5, 1.1);
  segments(site, s, length, (at, run) => {
    addHedge(site.context(random, at, outward), chord(site, side, at, run, outward), run, width, height);
  });
}

function walls(
  site: Site,
  {
    random,
    side,
    s,
    length,
    outward,
    height,
  }: {
    readonly random: Random;
    readonly side: 1 | -1;
    readonly s: number;
    readonly length: number;
    readonly outward: number;
    readonly height: number;
  },
): void {
  segments(site, s, length, (at, run) => {
    addWall(site.context(random, at, outward), chord(site, side, at, run, outward), run, height);
  });
}

function segments(_site: Site, s: number, length: number, build: (at: number, run: number) => void): void {
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

/** Trees (share `trees`) and bushes scattered over a plot. */
function plants(
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
  }: {
    readonly random: Random;
    readonly side: 1 | -1;
    readonly s: number;
    readonly length: number;
    readonly outward: number;
    readonly depth: number;
    readonly count: number;
    readonly trees: number;
  },
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
