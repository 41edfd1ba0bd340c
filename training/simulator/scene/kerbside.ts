import { childFrame, type ObjectFrame } from '../mesh/frame.js';
import type { Random } from '../random.js';
import type { Variety } from '../variety.js';
import { addAdvertisingColumn } from './clutter/advertising-column.js';
import { addBusShelter } from './clutter/bus-shelter.js';
import { addDelineator } from './clutter/delineator.js';
import { addGrassTufts } from './clutter/grass-tufts.js';
import { addGuardedSapling } from './clutter/guarded-sapling.js';
import { addHoarding } from './clutter/hoarding.js';
import { addKiosk } from './clutter/kiosk.js';
import { addPosterBoard } from './clutter/poster-board.js';
import { addBarrier, addBeacon } from './clutter/road-works.js';
import { addScaffold } from './clutter/scaffold.js';
import { addSlenderBush } from './clutter/slender-bush.js';
import { addSlimThing } from './clutter/slim-thing.js';
import { addStreetCabinet } from './clutter/street-cabinet.js';
import { addWheelieBin } from './clutter/wheelie-bin.js';
import { addFence } from './furniture.js';
import { gaps } from './ground.js';
import type { Site } from './site.js';
import { addTramStop } from './tram-stop.js';
import { addUnderpass } from './underpass.js';

/** Things farther ahead than this are a few pixels and not worth their triangles, metres. */
const REACH = 140;

/** Puts up what stands beside real roads and is neither house, plant nor sign; and underpasses. */
export function addKerbside(site: Site, random: Random, variety: Variety): void {
  for (const side of [1, -1] as const) {
    const fork = random.fork();
    addThings(site, fork, side, random.uniform(...variety.clutter));
    addDelineators(site, random.fork(), side);
    addTufts(site, random.fork(), side);
    addWorks(site, random.fork(), side);
  }
  if (site.plan.medianKind === 'tram' && random.chance(0.5)) addTramStop(site, random.fork());
  if (random.chance(variety.underpassChance)) {
    const fork = random.fork();
    const s = site.from + 35 + fork.uniform(-10, 100);
    const width = fork.logUniform(4, 35);
    const right = site.edge(-1) - site.pavementEnd(-1) - fork.uniform(0.2, 2);
    const left = site.edge(1) + site.pavementEnd(1) + fork.uniform(0.2, 2);
    const frame = site.path.frame(s);
    const approach = fork.chance(0.6) ? fork.uniform(4, 25) : 0;
    addUnderpass(site.context(fork, s), frame, { right, left, width, approach });
    const middle = site.path.frame(s + width / 2);
    site.shade(middle, width / 2, (left - right) / 2 + 20, 3, 0.85);
  }
}

/** The frame turned by a quarter so that its y axis points away from the road. */
function facingRoad(frame: ObjectFrame, side: 1 | -1): ObjectFrame {
  return side === 1 ? frame : childFrame(frame, { lx: 0, ly: 0, lz: 0, c: -1, s: 0 });
}

/** Last station at which small things are built. */
function reachOf(site: Site): number {
  return site.isSnapshot ? Math.min(site.to, REACH) : site.to;
}

function addThings(site: Site, random: Random, side: 1 | -1, density: number): void {
  const plan = site.side(side);
  const town = site.plan.layout !== 'country' && site.plan.layout !== 'highway';
  for (
    let s = site.from + 28 + random.uniform(0, 2 / density);
    s < reachOf(site);
    s += (random.uniform(0.2, 1) + random.uniform(0.2, 1)) / density
  ) {
    if (site.inJunction(s, s, 2)) continue;
    const zone = random.weighted({ kerb: 3, front: 4, land: town ? 2 : 4 });
    const end = site.pavementEnd(side);
    const outward =
      zone === 'kerb'
        ? site.kerbAt(side) + random.uniform(0.45, 0.9)
        : zone === 'front'
          ? end + random.uniform(-0.5, 1.2)
          : end + random.uniform(1.5, 16);
    const level = { ...site.beside(side, s, outward), slope: 0 };
    const frame = facingRoad(level, side);
    const context = site.context(random, s, outward);
    const paved = plan.pavement > 0;
    switch (
      random.weighted({
        bin: paved ? 4 : 0.5,
        cabinet: town ? 3 : 0.5,
        slim: 3.5,
        sandwich: zone === 'land' ? 0.3 : 1,
        light: paved ? 1.6 : 0,
        billboard: zone === 'kerb' ? 0 : 1.6,
        column: paved && zone !== 'land' ? 0.8 : 0,
        shelter: zone === 'front' ? 1.2 : 0,
        kiosk: zone === 'land' ? 2 : 0,
        bush: zone === 'kerb' && paved ? 0.6 : 3.5,
        sapling: 2.4,
        fence: zone === 'land' ? 2 : 0,
        hoarding: zone === 'front' ? 1.2 : 0,
      })
    ) {
      case 'bin': {
        const count = random.weighted({ 1: 5, 2: 3, 3: 2, 4: 1 });
        for (let k = 0; k < Number(count); k++)
          addWheelieBin(context, childFrame(frame, { lx: k * random.uniform(0.65, 0.85), ly: 0, lz: 0 }));
        break;
      }
      case 'cabinet':
        addStreetCabinet(context, frame);
        break;
      case 'slim':
        addSlimThing(context, frame);
        break;
      case 'sandwich':
      case 'light':
      case 'billboard': {
        const turn = random.normal(0, 0.25);
        const l = Math.sqrt(1 + turn * turn);
        const size = zone === 'kerb' ? 'light' : random.pick(['sandwich', 'light', 'billboard'] as const);
        addPosterBoard(context, childFrame(level, { lx: 0, ly: 0, lz: 0, c: 1 / l, s: turn / l }), size);
        break;
      }
      case 'column':
        addAdvertisingColumn(context, frame);
        break;
      case 'shelter':
        addBusShelter(context, frame);
        s += 4;
        break;
      case 'kiosk':
        addKiosk(context, frame);
        s += 5;
        break;
      case 'bush':
        for (let k = random.integer(1, 4); k > 0; k--)
          addSlenderBush(
            context,
            childFrame(frame, { lx: random.uniform(-2, 2), ly: random.uniform(0, 1.5), lz: 0 }),
          );
        break;
      case 'hoarding': {
        const length = random.uniform(3, 16);
        if (!site.inJunction(s - length, s + length, 1)) addHoarding(context, frame, length);
        break;
      }
      case 'sapling':
        addGuardedSapling(context, frame);
        break;
      default:
        addFence(context, frame, random.uniform(4, 20));
    }
    site.shade(frame, 0.25, 0.25, 0.4, 0.35);
  }
}

/** Delineator posts along sides that have no pavement. */
function addDelineators(site: Site, random: Random, side: 1 | -1): void {
  const plan = site.side(side);
  if (plan.pavement > 0 || random.chance(0.35)) return;
  const spacing = random.pick([12.5, 25, 25, 50]);
  const outward = site.kerbAt(side) + random.uniform(0.4, 1.2);
  for (let s = site.from + 20 + random.uniform(0, spacing); s < site.to; s += spacing)
    if (!site.inJunction(s, s, 1)) addDelineator(site.context(random, s), site.beside(side, s, outward));
}

/** High grass on verges, near the camera. */
function addTufts(site: Site, random: Random, side: 1 | -1): void {
  const plan = site.side(side);
  if (plan.verge < 0.8 || random.chance(0.5)) return;
  const to = site.isSnapshot ? Math.min(site.to, 45) : site.to;
  const density = random.uniform(0.1, 0.5);
  for (let s = site.from + 30; s < to; s += random.uniform(0.4, 2) / density) {
    if (site.inJunction(s, s, 1)) continue;
    const outward = site.kerbAt(side) + random.uniform(0.3, plan.verge);
    addGrassTufts(
      site.context(random, s),
      site.beside(side, s, outward),
      random.integer(3, 9),
      random.uniform(0.3, 1),
    );
  }
}

/** Road works: a row of beacons at the road's edge, a fence on the pavement, scaffolding before a front. */
function addWorks(site: Site, random: Random, side: 1 | -1): void {
  const runs = gaps(site, site.from + 30, site.to, 2);
  if (runs.length === 0) return;
  const place = (): number => {
    const [from, to] = random.pick(runs);
    return random.uniform(from, Math.min(to, from + 90));
  };
  if (random.chance(0.15)) {
    let s = place();
    const inset = random.uniform(-0.5, 0.45);
    for (let k = random.integer(3, 12); k > 0; k--) {
      const t = site.edge(side) - side * inset;
      if (s < site.to && !site.inJunction(s, s, 0)) addBeacon(site.context(random, s), site.path.frame(s, t));
      s += random.uniform(1.5, 6);
    }
  }
  if (random.chance(0.15)) {
    const s = place();
    const length = random.uniform(4, 25);
    const outward = site.kerbAt(side) + random.uniform(0.3, 1);
    if (!site.inJunction(s, s + length, 1))
      addBarrier(site.context(random, s), { ...site.beside(side, s, outward), slope: 0 }, length);
  }
  if (random.chance(0.1)) {
    const s = place();
    const length = random.uniform(6, 20);
    const outward = site.pavementEnd(side) + Math.max(0, site.side(side).setback - 1.3);
    const frame = facingRoad({ ...site.beside(side, s, outward), slope: 0 }, side);
    if (!site.inJunction(s - length, s + length, 1))
      addScaffold(site.context(random, s, outward), frame, length, random.uniform(3, 12));
  }
}
