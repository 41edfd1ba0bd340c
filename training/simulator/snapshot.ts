import { drawCamera } from './camera.js';
import { drawLook } from './camera-effects.js';
import type { SimulatedFrame } from './frame.js';
import { Mesh } from './mesh/mesh.js';
import { checkPictureOptions, type DriveOptions } from './options.js';
import { Random } from './random.js';
import { renderFrame } from './render-frame.js';
import type { Actor } from './scene/actor.js';
import { addActors } from './scene/add-actors.js';
import { drawLighting } from './scene/sky.js';
import { buildTown } from './scene/town.js';
import { drawTraffic } from './scene/traffic.js';

export type SnapshotOptions = Pick<DriveOptions, 'domain' | 'seed' | 'width' | 'height' | 'focalPixels'> & {
  /** Colour samples an axis and pixel; default 2. */
  readonly supersampling?: 1 | 2;
};

/** Work space: snapshots are built one after another. */
const mesh = new Mesh();

/** One picture of a scene, light and camera of its own, all drawn from the seed: training data. */
export function simulateSnapshot(options: SnapshotOptions): SimulatedFrame {
  checkPictureOptions(options);
  const { domain, width, height } = options;
  const random = new Random(options.seed, 1);
  const site = buildTown(random.fork(), { domain, from: -35, to: 230, eye: 0, mesh });
  const camera = drawCamera(random.fork(), domain, width, height, options.focalPixels);
  const { plan, path } = site;
  const left = -plan.median / 2 - (plan.egoLane + 0.5) * plan.laneWidth + random.normal(0, 0.25);
  const foot = path.frame(0, left);
  const heading = path.heading(0);
  const actors = drawTraffic(site, random.fork(), 0, 10, domain);
  const shades = addActors(site, actors, 0);
  return renderFrame({
    site,
    lighting: drawLighting(random.fork(), domain, heading),
    look: drawLook(random.fork(), domain),
    camera,
    car: { x: foot.x, y: foot.y, z: foot.z, heading, slope: foot.slope },
    shades,
    random: random.fork(),
    stampNs: 0n,
    movingInstances: movingOf(actors),
    supersampling: options.supersampling ?? 2,
  });
}

/** Instances of the actors that are not at rest. */
export function movingOf(actors: readonly Actor[]): Set<number> {
  const moving = new Set<number>();
  for (const actor of actors) {
    if (actor.speed === 0) continue;
    moving.add(actor.instance);
    if (actor.riderInstance !== 0) moving.add(actor.riderInstance);
  }
  return moving;
}
