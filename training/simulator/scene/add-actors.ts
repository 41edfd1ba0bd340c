import { sin } from '../exact-math.js';
import type { Shade } from '../ground-occlusion.js';
import { childFrame } from '../mesh/frame.js';
import { Random } from '../random.js';
import { type Actor, placeOf } from './actor.js';
import { addCar, type VehicleBody } from './car.js';
import { addBus, addTruck } from './heavy-vehicles.js';
import { addPerson, addTwoWheeler } from './people.js';
import type { Site } from './site.js';

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
