import { type CarPose, drawCamera, type MountedCamera } from './camera.js';
import { type CameraLook, drawLook } from './camera-effects.js';
import { sin } from './exact-math.js';
import type { Lighting } from './lighting.js';
import { checkDriveOptions, type DriveOptions } from './options.js';
import { Random } from './random.js';
import type { Actor } from './scene/actor.js';
import type { Site } from './scene/site.js';
import { drawLighting } from './scene/sky.js';
import { buildTown } from './scene/town.js';
import { drawTraffic } from './scene/traffic.js';

/** Fastest that the camera drives, metres a second. */
const TOP_SPEED = 14;
/** Road kept in view beyond the last frame, metres. */
const VIEW = 230;

/** A road with all that is on it, and the way of a camera along it; nothing is rendered yet. */
export interface PlannedDrive {
  readonly site: Site;
  readonly camera: MountedCamera;
  readonly lighting: Lighting;
  readonly look: CameraLook;
  readonly actors: readonly Actor[];
  readonly carAt: (seconds: number) => CarPose;
  /** Gives what is drawn for every frame. */
  readonly random: Random;
}

/** Draws everything of a drive that its seed decides, but the noise of its frames. @throws TrainingError */
export function planDrive(options: DriveOptions): PlannedDrive {
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
  const sway = random.uniform(0.05, 0.2);
  const phase = random.uniform(0, 6);
  const carAt = (seconds: number): CarPose =>
    poseAt(path, { station: speed * seconds, lane, sway, phase, seconds: speed === 0 ? 0 : seconds });
  return { site, camera, lighting, look, actors, carAt, random };
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
