import type { PointCloud2 } from '../../../msgs/point-cloud2.js';
import type { GroundPlane } from '../../../vision/ground-plane.js';
import { cloudWords } from './cloud-words.js';
import type { ObstacleBand } from './obstacle-request.js';

/** What a point of a cloud is; the greater two are obstacles. */
export const POINT = { unknown: 0, free: 1, still: 2, moving: 3 } as const;

/** Roads bend, and the fit of a plane errs: so much more height is needed for each metre of distance. */
const SLOPE = 0.02;
/** Points labelled as ground have to stick out by so much more, metres. */
const GROUND_SLACK = 0.3;
/** Neighbours whose depths differ by less than this share lie on one surface. */
const SAME_SURFACE = 0.08;
/** Of its four neighbours, so many lie on an obstacle's surface. */
const LEAST_SUPPORT = 2;
/** A point between two surfaces, on neither: the depth changes by this share across it, and by the smaller on both sides. */
const STEP = 0.25;
const HALF_STEP = 0.05;

export interface ObstacleScene {
  /** Organised, as the engine makes it: x, y and z are its first floats, `label` the byte after four. */
  readonly cloud: PointCloud2;
  /** [H, W] of the camera's image: not 0 where things move. */
  readonly moving: Uint8Array;
  /** Pixels of the camera's image. */
  readonly imageWidth: number;
  readonly stride: number;
  /** Metres. */
  readonly ground: GroundPlane;
  /** [256] 1 for labels of ground. */
  readonly groundLabels: Uint8Array;
  readonly band: ObstacleBand;
}

/**
 * Tells obstacles from ground, point by point of an organised cloud: by the height over the ground plane, and by the label.
 * Depth that a network smoothed between two surfaces, and what has no neighbours of its own depth, is no obstacle. The cost
 * is linear; memory is used again.
 */
export class ObstacleFinder {
  #inverse = new Float32Array(0);
  #candidates = new Uint8Array(0);
  #points = new Uint8Array(0);

  /** @returns [H, W] POINT of each point of the cloud; valid until the next call. */
  find(scene: ObstacleScene): Uint8Array {
    const { height, width } = scene.cloud;
    if (this.#points.length !== height * width) {
      this.#inverse = new Float32Array(height * width);
      this.#candidates = new Uint8Array(height * width);
      this.#points = new Uint8Array(height * width);
    }
    this.#judgeHeights(scene);
    this.#leaveOutliersOut(height, width);
    return this.#points;
  }

  #judgeHeights({ cloud, moving, imageWidth, stride, ground, groundLabels, band }: ObstacleScene): void {
    const { height, width, point_step, data } = cloud;
    const { floats: coordinates } = cloudWords(cloud);
    const words = point_step / 4;
    const labelAt = cloud.fields.find(({ name }) => name === 'label')?.offset;
    const { a, b, c } = ground;
    const length = Math.sqrt(1 + b * b + c * c);
    const { lowest, highest, range } = band;
    const candidates = this.#candidates;
    const inverse = this.#inverse;
    let i = 0;
    for (let row = 0; row < height; row++) {
      const pixels = row * stride * imageWidth;
      for (let column = 0; column < width; column++, i++) {
        const at = i * words;
        const z = coordinates[at + 2] as number;
        if (!(z > 0)) {
          inverse[i] = 0;
          candidates[i] = POINT.unknown;
          continue;
        }
        inverse[i] = 1 / z;
        const x = coordinates[at] as number;
        const up = (a + b * x + c * z - (coordinates[at + 1] as number)) / length;
        const isGround =
          labelAt !== undefined && groundLabels[data[i * point_step + labelAt] as number] === 1;
        const least = lowest + SLOPE * z + (isGround ? GROUND_SLACK : 0);
        if (up < least || up > highest || x * x + z * z > range * range) candidates[i] = POINT.free;
        else candidates[i] = moving[pixels + column * stride] === 0 ? POINT.still : POINT.moving;
      }
    }
  }

  #leaveOutliersOut(height: number, width: number): void {
    const candidates = this.#candidates;
    const inverse = this.#inverse;
    const points = this.#points;
    let i = 0;
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++, i++) {
        const candidate = candidates[i] as number;
        if (candidate < POINT.still) {
          points[i] = candidate;
          continue;
        }
        const own = inverse[i] as number;
        let support = 0;
        let between = false;
        if (column > 0 && column < width - 1)
          between = isBetween(inverse[i - 1] as number, own, inverse[i + 1] as number);
        if (row > 0 && row < height - 1)
          between ||= isBetween(inverse[i - width] as number, own, inverse[i + width] as number);
        if (column > 0) support += supports(candidates[i - 1] as number, inverse[i - 1] as number, own);
        if (column < width - 1)
          support += supports(candidates[i + 1] as number, inverse[i + 1] as number, own);
        if (row > 0) support += supports(candidates[i - width] as number, inverse[i - width] as number, own);
        if (row < height - 1)
          support += supports(candidates[i + width] as number, inverse[i + width] as number, own);
        points[i] = between || support < LEAST_SUPPORT ? POINT.unknown : candidate;
      }
    }
  }
}

function supports(candidate: number, inverse: number, own: number): 0 | 1 {
  return candidate >= POINT.still && Math.abs(inverse - own) < SAME_SURFACE * own ? 1 : 0;
}

/** Inverse depth is linear across a plane: a step of it over two points shows an edge between surfaces. */
function isBetween(one: number, own: number, other: number): boolean {
  const [far, near] = one < other ? [one, other] : [other, one];
  return near - far > STEP * own && near - own > HALF_STEP * own && own - far > HALF_STEP * own;
}
