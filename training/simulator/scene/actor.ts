import type { Random } from '../random.js';
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

/** Metres along its direction. */
export const ACTOR_LENGTHS: Readonly<Record<Actor['kind'], number>> = {
  car: 4.8,
  truck: 16.5,
  bus: 17,
  tram: 34,
  motorcycle: 2.3,
  bicycle: 1.9,
  person: 0.6,
};

/** Adds an actor of a site, with numbers of its own. */
export function pushActor(
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
