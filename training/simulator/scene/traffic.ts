import type { Domain } from '../domains.js';
import type { Random } from '../random.js';
import { ACTOR_LENGTHS, type Actor, pushActor } from './actor.js';
import { addBeside, addNearPeople } from './near-traffic.js';
import type { Site } from './site.js';

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
        pushActor(site, {
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
    const length = ACTOR_LENGTHS[kind];
    if (s + length < site.to) {
      const offset =
        random.normal(0, 0.18) + (kind === 'bicycle' ? -direction * site.plan.laneWidth * 0.3 : 0);
      const angle = random.normal(0, 0.012);
      pushActor(site, {
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
      pushActor(site, {
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
