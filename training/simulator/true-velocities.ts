import { composeTransforms, type RigidTransform } from '../../msgs/camera/rigid-transform.js';
import { baseFromCamera, worldFromBase } from './camera.js';
import type { DriveOptions } from './options.js';
import { planDrive } from './plan-drive.js';
import { placeOf } from './scene/actor.js';

/** Velocity over ground in the axes of the camera's optical frame, metres a second. */
export type TrueVelocity = readonly [x: number, y: number, z: number];

/** Half of the time over which a velocity is taken, seconds. */
const HALF = 0.01;

/** For each frame of a drive, the velocity of every vehicle and person by instance; nothing is rendered. */
export function* trueVelocities(options: DriveOptions): Generator<ReadonlyMap<number, TrueVelocity>> {
  const { site, camera, actors, carAt } = planDrive(options);
  const mount = baseFromCamera(camera);
  for (let index = 0; index < options.frames; index++) {
    const seconds = index / options.frameRate;
    const worldFromCamera = composeTransforms(worldFromBase(carAt(seconds)), mount);
    const velocities = new Map<number, TrueVelocity>();
    for (const actor of actors) {
      const at = (when: number) => {
        const { station, left } = placeOf(actor, when);
        return site.path.frame(station, left, actor.height);
      };
      const [before, after] = [at(seconds - HALF), at(seconds + HALF)];
      const along = (key: 'x' | 'y' | 'z') => (after[key] - before[key]) / (2 * HALF);
      const velocity = inCamera(worldFromCamera, [along('x'), along('y'), along('z')]);
      velocities.set(actor.instance, velocity);
      if (actor.riderInstance !== 0) velocities.set(actor.riderInstance, velocity);
    }
    yield velocities;
  }
}

/** A direction of the world in the camera's axes. */
function inCamera(worldFromCamera: RigidTransform, [x, y, z]: TrueVelocity): TrueVelocity {
  const axis = (k: number) =>
    worldFromCamera[k] * x + worldFromCamera[k + 4] * y + worldFromCamera[k + 8] * z;
  return [axis(0), axis(1), axis(2)];
}
