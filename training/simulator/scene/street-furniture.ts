import { childFrame } from '../mesh/frame.js';
import type { Random } from '../random.js';
import { addCar } from './car.js';
import { addBridge, addClutter, addGuardRail, addLamp, addPost, addWire } from './furniture.js';
import { gaps } from './ground.js';
import { addTruck } from './heavy-vehicles.js';
import { srgb } from './palette.js';
import { addTwoWheeler } from './people.js';
import { addTree } from './plants.js';
import { addGantry, addSign, addTrafficLight } from './signs.js';
import type { Site } from './site.js';

/** Parked vehicles, street trees, lamps, signs, lights, rails, bridges along both sides. */
export function addStreetFurniture(site: Site, random: Random): void {
  for (const side of [1, -1] as const) {
    addParked(site, random.fork(), side);
    addTrees(site, random.fork(), side);
    addPoles(site, random.fork(), side);
  }
  addCrossings(site, random.fork());
  const left = site.edge(1) + 1.5;
  const right = site.edge(-1) - 1.5;
  const { layout } = site.plan;
  const gantry = layout === 'highway' ? 0.35 : layout === 'arterial' ? 0.2 : 0;
  const bridge = layout === 'highway' ? 0.25 : layout === 'arterial' ? 0.35 : 0.03;
  const length = site.to - site.from;
  if (random.chance(gantry))
    addGantry(
      site.context(random, 30),
      site.path.frame(site.from + length * random.uniform(0.2, 0.9)),
      right,
      left,
    );
  if (random.chance(bridge))
    addBridge(
      site.context(random, 30),
      site.path.frame(site.from + length * random.uniform(0.25, 0.95)),
      right,
      left,
    );
  if (site.plan.medianKind === 'rail' || (site.plan.medianKind === 'grass' && random.chance(0.25)))
    rail(site, random, 0, random.pick([0, 0, 0.1]));
  if (site.plan.medianKind === 'grass' && random.chance(0.5)) {
    const spacing = random.uniform(7, 20);
    for (let s = site.from; s < site.to; s += spacing) {
      if (site.inJunction(s, s, 2)) continue;
      const frame = site.path.frame(s, random.uniform(-0.4, 0.4), 0.1);
      addTree(site.context(random, s), { ...frame, slope: 0 }, random.uniform(4, 11));
    }
  }
  if (site.plan.medianKind === 'tram') {
    for (let s = site.from + 5; s < site.to; s += 35) {
      if (site.inJunction(s, s, 1)) continue;
      addPost(site.context(random, s), {
        frame: site.path.frame(s, 0, 0),
        height: 7,
        radius: 0.1,
        color: srgb(90, 94, 96),
      });
      for (const t of [-1.6, 1.6])
        addWire(site.context(random, s), site.path.frame(s, t), [0, 0, 5.9], [35, 0, 5.9]);
    }
  }
}

function rail(site: Site, random: Random, t: number, h: number): void {
  for (const [from, to] of gaps(site, site.from, site.to, 1)) {
    for (let s = from; s < to; s += 12) {
      const run = Math.min(12, to - s);
      const a = site.path.frame(s, t, h);
      const b = site.path.frame(s + run, t, h);
      const dx = b.x - a.x;
      const dy = b.y - a.y;
      const l = Math.sqrt(dx * dx + dy * dy);
      addGuardRail(
        site.context(random, s),
        { ...a, c: (b.x - a.x) / l, s: (b.y - a.y) / l, slope: (b.z - a.z) / l },
        l,
      );
    }
  }
}

function addParked(site: Site, random: Random, side: 1 | -1): void {
  const plan = site.side(side);
  if (plan.parking === 'none') return;
  const edge = site.edge(side);
  for (const [from, to] of gaps(site, site.from, site.to, 3)) {
    let s = from;
    while (s < to - 5) {
      const step = plan.parking === 'angled' ? random.uniform(2.5, 2.8) : random.uniform(5.2, 6.2);
      if (random.chance(plan.occupancy)) {
        const middle = s + step / 2;
        const context = site.context(random, middle, edge);
        if (plan.parking === 'angled') {
          const frame = site.path.frame(middle, edge + side * 2.4);
          const turned = childFrame(frame, {
            lx: 0,
            ly: 0,
            lz: 0,
            c: random.normal(0, 0.04),
            s: random.chance(0.7) ? side : -side,
          });
          addCar(context, { ...turned, slope: 0 }, site.newInstance(), false);
          site.shade(turned, 2, 0.8, 0.7, 0.8);
        } else {
          const frame = site.path.frame(
            middle,
            edge + side * (plan.parkingWidth / 2 + random.normal(0, 0.08)),
          );
          const facing = site.plan.lanesOncoming > 0 && side === 1 ? -1 : 1;
          const direction = random.chance(0.15) ? -facing : facing;
          const angle = random.normal(0, 0.02);
          const turned = childFrame(frame, {
            lx: random.normal(0, 0.15),
            ly: 0,
            lz: 0,
            c: direction,
            s: angle,
          });
          const van = random.chance(0.025);
          const body = van
            ? addTruck(context, turned, site.newInstance(), false)
            : addCar(context, turned, site.newInstance(), false);
          site.shade(turned, body.length / 2 - 0.2, body.width / 2 - 0.1, 0.7, 0.8);
          if (van) s += 3;
        }
      }
      s += step;
    }
  }
}

function addTrees(site: Site, random: Random, side: 1 | -1): void {
  const plan = site.side(side);
  if (plan.treeSpacing === 0) return;
  const outward = site.kerbAt(side) + (plan.verge > 0.5 ? 0.15 + plan.verge / 2 : 0.7);
  const height = random.uniform(5, 17);
  for (
    let s = site.from + random.uniform(0, 8);
    s < site.to;
    s += plan.treeSpacing * random.uniform(0.75, 1.3)
  ) {
    if (site.inJunction(s, s, 3) || random.chance(0.12)) continue;
    const frame = site.beside(side, s, outward, 0.05);
    const crown = addTree(
      site.context(random, s, 5),
      { ...frame, slope: 0 },
      height * random.uniform(0.7, 1.25),
      random.uniform(2, 3.5),
    );
    site.shade(frame, crown * 0.3, crown * 0.3, crown, 0.4);
  }
}

function addPoles(site: Site, random: Random, side: 1 | -1): void {
  const plan = site.side(side);
  const near = site.kerbAt(side) + 0.5;
  if (plan.lampSpacing > 0 && random.chance(0.75)) {
    const height = random.uniform(4.5, 10);
    const reach = random.uniform(0.4, 2.2) * -side;
    for (let s = site.from + random.uniform(0, plan.lampSpacing); s < site.to; s += plan.lampSpacing) {
      if (!site.inJunction(s, s, 0.5))
        addLamp(site.context(random, s), site.beside(side, s, near), height, reach);
    }
  }
  const busy = site.plan.layout === 'street' || site.plan.layout === 'arterial' ? 1 : 0.6;
  for (let s = site.from + random.uniform(0, 20); s < site.to; s += random.uniform(8, 45) / busy) {
    if (site.inJunction(s, s, 0.5)) continue;
    const kind = random.weighted({
      sign: 5,
      post: 1.6,
      clutter: 1.4,
      bicycle: plan.pavement > 1 ? 2.2 : 0,
      mast: 0.8,
    });
    const frame = site.beside(side, s, near + random.uniform(-0.1, 0.7));
    const context = site.context(random, s);
    if (kind === 'sign')
      addSign(context, random.chance(0.2) ? childFrame(frame, { lx: 0, ly: 0, lz: 0, c: -1, s: 0 }) : frame);
    else if (kind === 'post')
      for (let k = 0; k < random.integer(1, 6); k++)
        addPost(context, {
          frame: site.beside(side, s + k * 1.6, near - 0.15),
          height: random.uniform(0.6, 1.1),
          radius: 0.06,
          color: random.pick([srgb(90, 90, 90), srgb(200, 200, 200), srgb(60, 50, 45)]),
          band: random.chance(0.2) ? 0.2 : 0,
        });
    else if (kind === 'mast')
      addPost(context, {
        frame: site.beside(side, s, near + 0.4),
        height: random.uniform(5, 10),
        radius: random.uniform(0.08, 0.16),
        color: random.pick([srgb(110, 90, 70), srgb(130, 130, 128)]),
      });
    else if (kind === 'bicycle') addBicycles(site, random, side, s, near);
    else if (plan.pavement > 0) addClutter(context, site.beside(side, s, site.pavementEnd(side) - 0.4));
  }
  if (plan.rail) rail(site, random, site.edge(side) + side * (site.kerbAt(side) + 0.6), plan.kerbHeight);
}

function addCrossings(site: Site, random: Random): void {
  for (const [a, b] of site.plan.junctions) {
    const lights = site.plan.layout === 'arterial' ? 0.75 : site.plan.layout === 'street' ? 0.4 : 0.08;
    if (!random.chance(lights)) continue;
    const overhead = random.chance(0.6);
    addTrafficLight(
      site.context(random, a),
      site.beside(-1, a - 1.5, 0.6),
      overhead ? site.plan.laneWidth * random.uniform(0.8, 1.6) : 0,
    );
    addTrafficLight(
      site.context(random, a),
      childFrame(site.beside(1, b + 1.5, 0.6), { lx: 0, ly: 0, lz: 0, c: -1, s: 0 }),
      overhead ? 3 : 0,
    );
    if (random.chance(0.5)) addTrafficLight(site.context(random, b), site.beside(-1, b + 2, 0.6), 0);
  }
}

/** A few bicycles or motorcycles leaning at the edge of the pavement. */
function addBicycles(site: Site, random: Random, side: 1 | -1, s: number, outward: number): void {
  const motor = random.chance(0.25);
  const along = random.chance(0.4);
  const count = random.integer(1, 5);
  for (let k = 0; k < count; k++) {
    const at = s + k * (along ? 2 : random.uniform(0.6, 0.9));
    const frame = site.beside(side, at, outward + 0.5);
    const [c, sn] = along ? [1, random.normal(0, 0.1)] : [random.normal(0, 0.25), side];
    const l = Math.sqrt(c * c + sn * sn);
    addTwoWheeler(site.context(random, at), {
      frame: childFrame(frame, { lx: 0, ly: 0, lz: 0, c: c / l, s: sn / l }),
      motor,
      instance: site.newInstance(),
      riderInstance: 0,
      phase: 0,
    });
  }
}
