import { type CarPose, drawCamera } from './camera.js';
import { drawLook } from './camera-effects.js';
import { sin } from './exact-math.js';
import type { SimulatedFrame } from './frame.js';
import { checkDriveOptions, type DriveOptions } from './options.js';
import { Random } from './random.js';
import { renderFrame } from './render-frame.js';
import { drawLighting } from './scene/sky.js';
import { buildTown } from './scene/town.js';
import { type Actor, addActors, drawTraffic } from './scene/traffic.js';
import { movingOf } from './snapshot.js';

/** Fastest that the camera drives, metres a second. */
const TOP_SPEED = 14;
/** Road kept in view beyond the last frame, metres. */
const VIEW = 230;

/**
 * Consecutive frames of one drive along one road: the camera follows its lane, traffic moves, the rest stands. Light,
 * camera and exposure are drawn once, noise for every frame. Frames are independent objects; the generator may be left
 * at any time.
 */
export function* simulateDrive(options: DriveOptions): Generator<SimulatedFrame> {
  checkDriveOptions(options, TOP_SPEED);
  const { domain, frames, frameRate, width, height } = options;
  const random = new Random(options.seed, 2);
  const length = (frames / frameRate) * TOP_SPEED;
  const site = buildTown(random.fork(), { domain, from: -35, to: Math.ceil(length) + VIEW });
  const camera = drawCamera(random.fork(), domain, width, height, options.focalPixels);
  const { plan, path } = site;
  const speed = random.uniform(
    ...(domain.cameraSpeed ?? (plan.traffic === 'queue' ? [0.8, 5] : [6, TOP_SPEED])),
  );
  const lighting = drawLighting(random.fork(), domain, path.heading(0));
  const look = drawLook(random.fork(), domain);
  const lane = -plan.median / 2 - (plan.egoLane + 0.5) * plan.laneWidth + random.normal(0, 0.15);
  const { followGap, movement, variety } = domain;
  const actors = drawTraffic(site, random.fork(), 0, speed, { followGap, movement, variety }).filter(
    (actor) => !isRunOver(actor, lane, speed),
  );
  const movingInstances = movingOf(actors);
  const sway = random.uniform(0.05, 0.2);
  const phase = random.uniform(0, 6);
  const still = site.mesh.mark();
  for (let index = 0; index < frames; index++) {
    const seconds = index / frameRate;
    const station = speed * seconds;
    const car = poseAt(path, { station, lane, sway, phase, seconds: speed === 0 ? 0 : seconds });
    const shades = addActors(site, actors, seconds);
    const frame = renderFrame({
      site,
      lighting,
      look,
      camera,
      car,
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

/** Whether a person stands or walks in the camera's way when it comes by. */
function isRunOver(actor: Actor, lane: number, speed: number): boolean {
  if (actor.kind !== 'person' || actor.turn[0] > 0.5) return false;
  const seconds = actor.station / speed;
  const left = actor.left + actor.direction * actor.speed * seconds;
  return Math.abs(left - lane) < 2.2;
}

/** Where the car is: in its lane with a slow sway, nodding a little on its springs. */
function poseAt(
  path: {
    frame(s: number, left: number): { x: number; y: number; z: number; slope: number };
    heading(s: number): number;
  },
  {
    station,
    lane,
    sway,
    phase,
    seconds,
  }: {
    readonly station: number;
    readonly lane: number;
    readonly sway: number;
    readonly phase: number;
    readonly seconds: number;
  },
): CarPose {
  const left = (s: number): number => lane + sway * sin(s / 17 + phase);
  const foot = path.frame(station, left(station));
  const nod = 0.0025 * sin(seconds * 7.3 + phase) + 0.0015 * sin(seconds * 11.9);
  return {
    x: foot.x,
    y: foot.y,
    z: foot.z,
    heading: path.heading(station) + left(station + 0.5) - left(station - 0.5),
    slope: foot.slope + nod,
  };
}
