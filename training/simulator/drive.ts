import type { SimulatedFrame } from './frame.js';
import type { DriveOptions } from './options.js';
import { planDrive } from './plan-drive.js';
import { renderFrame } from './render-frame.js';
import { addActors } from './scene/add-actors.js';
import { movingOf } from './snapshot.js';

/**
 * Consecutive frames of one drive along one road: the camera follows its lane, traffic moves, the rest stands. Light,
 * camera and exposure are drawn once, noise for every frame. Frames are independent objects; the generator may be left
 * at any time.
 */
export function* simulateDrive(options: DriveOptions): Generator<SimulatedFrame> {
  const { site, camera, lighting, look, actors, carAt, random } = planDrive(options);
  const movingInstances = movingOf(actors);
  const still = site.mesh.mark();
  for (let index = 0; index < options.frames; index++) {
    const seconds = index / options.frameRate;
    const shades = addActors(site, actors, seconds);
    const frame = renderFrame({
      site,
      lighting,
      look,
      camera,
      car: carAt(seconds),
      shades,
      random: random.fork(),
      stampNs: BigInt(Math.round(seconds * 1e9)),
      movingInstances,
      supersampling: 2,
    });
    site.mesh.truncate(still);
    yield frame;
  }
}
