import type { Domain } from '../domains.js';
import { sin } from '../exact-math.js';
import type { Shade } from '../ground-occlusion.js';
import { childFrame } from '../mesh/frame.js';
import { Random } from '../random.js';
import { addCar, type VehicleBody } from './car.js';
import { addBus, addTruck } from './heavy-vehicles.js';
import { addPerson, addTwoWheeler } from './people.js';
import type { Site } from './site.js';

/** Something that may move: at time t it stands at station s0 + direction speed t, `left` of the axis. */
export interface Actor {
  readonly kind: 'car' | 'truck' | 'bus' | 'tram' | 'motorcycle' | 'bicycle' | 'person';
  readonly seed: number;
  readonly stream: number;
  readonly instance: number;
  readonly riderInstance: number;
  readonly station: number;
  readonly left: number;
  readonly height: number;
  /** +1 along the road, -1 against it. */
  readonly direction: 1 | -1;
  /** Metres a second, 0 = stands. */
  readonly speed: number;
  readonly braking: boolean;
  /** Heading off the road's direction, as (cosine, sine). */
  readonly turn: readonly [number, number];
}

const EXTENT: Readonly<Record<Actor['kind'], number>> = {
  car: 4.8,
  truck: 16.5,
  bus: 17,
  tram: 34,
  motorcycle: 2.3,
  bicycle: 1.9,
  person: 0.6,
};

/** Draws vehicles and people on the road and the pavements. The camera's own lane keeps `clear` metres free around station `ego`. */
export function drawTraffic(
  site: Site,
  random: Random,
  ego: number,
  egoSpeed: number,
  {
    heavyTraffic = 1,
    besideChance = 0,
    followGap,
    movement = true,
    variety,
  }: Pick<Domain, 'heavyTraffic' | 'besideChance' | 'followGap' | 'movement' | 'variety'> = {},
): Actor[] {
  const actors: Actor[] = [];
  const { plan } = site;
  const half = plan.median / 2;
  for (let lane = 0; lane < plan.lanesSame; lane++) {
    const left = -half - (lane + 0.5) * plan.laneWidth;
    fillLane(site, {
      random: random.fork(),
      actors,
      left,
      direction: 1,
      density: plan.traffic,
      ego,
      own: lane === plan.egoLane,
      egoSpeed,
      heavyTraffic,
      followGap,
    });
  }
  const against = random.pick(['empty', 'sparse', 'sparse', 'flow', plan.traffic, 'queue'] as const);
  for (let lane = 0; lane < plan.lanesOncoming; lane++) {
    const left = half + (lane + 0.5) * plan.laneWidth;
    fillLane(site, {
      random: random.fork(),
      actors,
      left,
      direction: -1,
      density: against,
      ego,
      own: false,
      egoSpeed,
      heavyTraffic,
    });
  }
  if (plan.medianKind === 'tram' && random.chance(0.35)) {
    const t = (half - 0.25) * 0.75 - 0.72;
    for (const side of [1, -1] as const)
      if (random.chance(0.6))
        push(site, {
          random,
          actors,
          kind: 'tram',
          station: ego + random.uniform(18, 120),
          left: side * t,
          height: 0.05,
          direction: side === 1 ? -1 : 1,
          speed: random.uniform(0, 12),
          braking: true,
        });
  }
  addPeople(site, random.fork(), actors);
  if (besideChance > 0 && random.chance(besideChance)) addBeside(site, random, actors, ego, egoSpeed);
  if (variety !== undefined && random.chance(variety.nearPeopleChance))
    addNearPeople(site, random, actors, ego);
  return movement ? actors : actors.filter(({ speed }) => speed === 0);
}

/** A large vehicle in the lane beside the camera's, its rear between 4 m behind and 9 m ahead of the camera. */
function addBeside(site: Site, random: Random, actors: Actor[], ego: number, egoSpeed: number): void {
  const { plan } = site;
  const half = plan.median / 2;
  const neighbours = [plan.egoLane - 1, plan.egoLane + 1].filter(
    (lane) => lane >= 0 && lane < plan.lanesSame,
  );
  const oncoming = neighbours.length === 0 || (plan.egoLane === 0 && plan.median < 1 && random.chance(0.3));
  const left = oncoming
    ? half + 0.5 * plan.laneWidth
    : -half - (random.pick(neighbours) + 0.5) * plan.laneWidth;
  const kind = random.weighted({ truck: 6, bus: 1.5 } as const);
  const length = EXTENT[kind];
  const station = ego + random.uniform(-4, 9) + length / 2;
  const reach = (other: Actor) => (length + EXTENT[other.kind]) / 2 + 1;
  const clear = actors.filter(
    (other) => Math.abs(other.left - left) > 1.6 || Math.abs(other.station - station) > reach(other),
  );
  actors.splice(0, actors.length, ...clear);
  const offset = left + random.normal(0, 0.25);
  const speed = random.chance(0.5) ? 0 : egoSpeed * random.uniform(0.8, 1.2);
  push(site, {
    random,
    actors,
    kind,
    station,
    left: offset,
    height: 0,
    direction: oncoming ? -1 : 1,
    speed,
    braking: random.chance(0.4),
    turn: [1, random.normal(0, 0.02)],
  });
}

/** One to three people on foot, or someone who cycles, beside the camera's lane and 2 to 14 m ahead of the camera. */
function addNearPeople(site: Site, random: Random, actors: Actor[], ego: number): void {
  const { plan } = site;
  const lane = -plan.median / 2 - (plan.egoLane + 0.5) * plan.laneWidth;
  const cycling = plan.layout !== 'highway' && random.chance(0.35);
  // On motorways people stand only where they have broken down.
  if (plan.layout === 'highway' && random.chance(0.8)) return;
  const side = random.chance(0.65) ? -1 : 1;
  for (let k = cycling ? 1 : random.integer(1, 3); k > 0; k--) {
    const left = lane + side * random.uniform(1.5, cycling ? 3 : 6);
    const station = ego + random.uniform(2, 14);
    const met = actors.some(
      (other) =>
        Math.abs(other.left - left) < 1.6 && Math.abs(other.station - station) < EXTENT[other.kind] / 2 + 0.8,
    );
    const onRoad = left > site.edge(-1) && left < site.edge(1);
    if (met || (!onRoad && site.side(side).parking !== 'none')) continue;
    push(site, {
      random,
      actors,
      kind: cycling ? (random.chance(0.75) ? 'bicycle' : 'motorcycle') : 'person',
      station,
      left,
      height: onRoad ? 0 : site.landHeight(side, station, Math.abs(left - site.edge(side))),
      direction: side === 1 && cycling ? -1 : 1,
      speed: cycling ? random.uniform(3, 7) : random.chance(0.7) ? random.uniform(0.6, 1.6) : 0,
      braking: false,
      turn: cycling || random.chance(0.5) ? [1, random.normal(0, 0.2)] : [0.05, random.pick([-1, 1])],
    });
  }
}

function push(
  site: Site,
  {
    random,
    actors,
    kind,
    station,
    left,
    height,
    direction,
    speed,
    braking,
    turn = [1, 0],
  }: {
    readonly random: Random;
    readonly actors: Actor[];
    readonly kind: Actor['kind'];
    readonly station: number;
    readonly left: number;
    readonly height: number;
    readonly direction: 1 | -1;
    readonly speed: number;
    readonly braking: boolean;
    readonly turn?: readonly [number, number];
  },
): void {
  const instance = site.newInstance();
  const ridden = kind === 'bicycle' || kind === 'motorcycle';
  actors.push({
    kind,
    seed: random.uint32(),
    stream: random.uint32(),
    instance,
    riderInstance: ridden ? site.newInstance() : 0,
    station,
    left,
    height,
    direction,
    speed,
    braking,
    turn,
  });
}

function fillLane(
  site: Site,
  {
    random,
    actors,
    left,
    direction,
    density,
    ego,
    own,
    egoSpeed,
    heavyTraffic,
    followGap,
  }: {
    readonly random: Random;
    readonly actors: Actor[];
    readonly left: number;
    readonly direction: 1 | -1;
    readonly density: 'empty' | 'sparse' | 'flow' | 'queue';
    readonly ego: number;
    readonly own: boolean;
    readonly egoSpeed: number;
    readonly heavyTraffic: number;
    readonly followGap?: Domain['followGap'];
  },
): void {
  if (density === 'empty') return;
  const gap = (): number =>
    density === 'queue'
      ? random.uniform(1.2, 7)
      : density === 'flow'
        ? random.uniform(7, 40)
        : random.uniform(25, 130);
  const base =
    density === 'queue'
      ? random.chance(0.5)
        ? 0
        : random.uniform(0, 5)
      : site.plan.layout === 'highway'
        ? random.uniform(20, 33)
        : random.uniform(5, 14);
  const speed =
    direction === 1
      ? own
        ? egoSpeed * random.uniform(1, 1.08)
        : density === 'queue'
          ? base
          : egoSpeed * random.uniform(0.8, 1.2)
      : base;
  const heavy = heavyTraffic * (site.plan.layout === 'highway' || site.plan.layout === 'arterial' ? 1 : 0.35);
  let s = own
    ? ego + random.uniform(...(followGap ?? (density === 'queue' ? [5.5, 16] : [7, 45])))
    : site.from + random.uniform(0, 30);
  while (s < site.to - 5) {
    const kind = random.weighted({
      car: 16,
      truck: 2.6 * heavy,
      bus: 0.7 * heavy,
      motorcycle: 0.8,
      bicycle: site.plan.layout === 'highway' ? 0 : 0.9,
    });
    const length = EXTENT[kind];
    if (s + length < site.to) {
      const offset =
        random.normal(0, 0.18) + (kind === 'bicycle' ? -direction * site.plan.laneWidth * 0.3 : 0);
      const angle = random.normal(0, 0.012);
      push(site, {
        random,
        actors,
        kind,
        station: s + length / 2,
        left: left + offset,
        height: 0,
        direction,
        speed,
        braking: density === 'queue' ? random.chance(0.65) : random.chance(0.1),
        turn: [1, angle],
      });
    }
    s += length + gap();
  }
}

function addPeople(site: Site, random: Random, actors: Actor[]): void {
  const count = Math.round(site.plan.pedestrians * (site.to - site.from) * random.uniform(0.2, 1));
  for (let k = 0; k < count; k++) {
    const side = random.chance(0.5) ? 1 : -1;
    const plan = site.side(side);
    const s = random.uniform(site.from, site.to);
    const crossing = random.chance(0.09);
    if (!crossing && (plan.pavement < 0.8 || site.inJunction(s, s, 0))) continue;
    const group = random.chance(0.3) ? random.integer(2, 4) : 1;
    for (let g = 0; g < group; g++) {
      const outward = site.pavementEnd(side) - random.uniform(0.3, Math.max(0.4, plan.pavement - 0.2));
      const left = crossing ? random.uniform(site.edge(-1), site.edge(1)) : site.edge(side) + side * outward;
      const cycling = !crossing && random.chance(0.05);
      const walks = random.chance(0.8);
      const direction = random.chance(0.5) ? 1 : -1;
      push(site, {
        random,
        actors,
        kind: cycling ? 'bicycle' : 'person',
        station: s + g * random.uniform(0.5, 1),
        left,
        height: crossing ? 0 : plan.kerbHeight,
        direction,
        speed: walks ? (cycling ? 3.5 : random.uniform(0.7, 1.7)) : 0,
        braking: false,
        turn: crossing ? [0.05, 1] : [1, random.normal(0, 0.15)],
      });
    }
  }
}

/** Where an actor is at `seconds`: its station along the road, and how far left of the axis. */
export function placeOf(actor: Actor, seconds: number): { readonly station: number; readonly left: number } {
  const travelled = actor.direction * actor.speed * seconds;
  // Those who cross the road walk across, the others along it.
  const across = actor.turn[0] < 0.5;
  return {
    station: actor.station + (across ? 0 : travelled),
    left: actor.left + (across ? travelled : 0),
  };
}

/** Draws every actor where it is at `seconds` into the mesh; returns the soft shades they cast. */
export function addActors(site: Site, actors: readonly Actor[], seconds: number): Shade[] {
  const shades: Shade[] = [];
  for (const actor of actors) {
    const travelled = actor.speed * seconds;
    const { station: s, left } = placeOf(actor, seconds);
    if (s < site.from + 1 || s > site.to - 1) continue;
    const road = site.path.frame(s, left, actor.height);
    const [tc, ts] = actor.turn;
    const l = Math.sqrt(tc * tc + ts * ts);
    const frame = childFrame(road, {
      lx: 0,
      ly: 0,
      lz: 0,
      c: (actor.direction * tc) / l,
      s: (actor.direction * ts) / l,
    });
    const context = site.context(new Random(actor.seed, actor.stream), s, left);
    const body = addActor(context, frame, actor, travelled);
    shades.push([
      frame.x,
      frame.y,
      frame.c,
      frame.s,
      body.length / 2 - 0.2,
      Math.max(0.02, body.width / 2 - 0.1),
      body.width > 1 ? 0.8 : 0.4,
      body.width > 1 ? 0.82 : 0.5,
    ]);
  }
  return shades;
}

function addActor(
  context: Parameters<typeof addCar>[0],
  frame: Parameters<typeof addCar>[1],
  actor: Actor,
  travelled: number,
): VehicleBody {
  switch (actor.kind) {
    case 'car':
      return addCar(context, frame, actor.instance, actor.braking);
    case 'truck':
      return addTruck(context, frame, actor.instance, actor.braking);
    case 'bus':
      return addBus(context, frame, actor.instance, false);
    case 'tram':
      return addBus(context, frame, actor.instance, true);
    case 'person': {
      const phase = travelled * 4.2 + (actor.seed % 63) / 10;
      addPerson(context, frame, actor.instance, phase, actor.speed > 0 ? 1 : 0.15 * Math.abs(sin(phase)));
      return { length: 0.6, width: 0.5, height: 1.7 };
    }
    default:
      addTwoWheeler(context, {
        frame,
        motor: actor.kind === 'motorcycle',
        instance: actor.instance,
        riderInstance: actor.riderInstance,
        phase: travelled * 2.4 + (actor.seed % 63) / 10,
      });
      return { length: 1.9, width: 0.5, height: 1.6 };
  }
}
