import type { Random } from '../random.js';
import { ACTOR_LENGTHS, type Actor, pushActor } from './actor.js';
import type { Site } from './site.js';

/** A large vehicle in the lane beside the camera's, its rear between 4 m behind and 9 m ahead of the camera. */
export function addBeside(site: Site, random: Random, actors: Actor[], ego: number, egoSpeed: number): void {
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
  const length = ACTOR_LENGTHS[kind];
  const station = ego + random.uniform(-4, 9) + length / 2;
  const reach = (other: Actor) => (length + ACTOR_LENGTHS[other.kind]) / 2 + 1;
  const clear = actors.filter(
    (other) => Math.abs(other.left - left) > 1.6 || Math.abs(other.station - station) > reach(other),
  );
  actors.splice(0, actors.length, ...clear);
  const offset = left + random.normal(0, 0.25);
  const speed = random.chance(0.5) ? 0 : egoSpeed * random.uniform(0.8, 1.2);
  pushActor(site, {
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
export function addNearPeople(site: Site, random: Random, actors: Actor[], ego: number): void {
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
        Math.abs(other.left - left) < 1.6 &&
        Math.abs(other.station - station) < ACTOR_LENGTHS[other.kind] / 2 + 0.8,
    );
    const onRoad = left > site.edge(-1) && left < site.edge(1);
    if (met || (!onRoad && site.side(side).parking !== 'none')) continue;
    pushActor(site, {
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
