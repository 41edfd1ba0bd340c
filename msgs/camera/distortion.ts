import { MessageError } from '../errors.js';

/**
 * A lens model: how a lens moves points of the image plane at z = 1. `none` has no parameters.
 * Source: sensor_msgs/distortion_models.hpp; OpenCV's calib3d and fisheye modules.
 */
export interface Distortion {
  /** Name of the lens model. */
  readonly model: 'none' | 'plumb_bob' | 'rational_polynomial' | 'equidistant';
  /** Parameters. `none`: []. `plumb_bob`: [k1, k2, p1, p2, k3]. `rational_polynomial`: [k1, k2, p1, p2, k3, k4, k5, k6]. `equidistant`: [k1, k2, k3, k4]. */
  readonly d: readonly number[];
}

export interface PlanePoint {
  readonly x: number;
  readonly y: number;
}

export const NO_DISTORTION: Distortion = { model: 'none', d: [] };

/** Source: sensor_msgs/distortion_models.hpp and the parameter orders of OpenCV's calib3d and fisheye modules. */
const PARAMETERS = { plumb_bob: 5, rational_polynomial: 8, equidistant: 4 } as const;
/** Numbers of OpenCV's shortest form. */
const SHORTEST = 4;

/** Other names of the models, by those of sensor_msgs/distortion_models.hpp. */
const OTHER_NAMES: Readonly<Record<string, keyof typeof PARAMETERS>> = {
  radtan: 'plumb_bob',
  brown_conrady: 'plumb_bob',
  rational: 'rational_polynomial',
  fisheye: 'equidistant',
  equi: 'equidistant',
  kannala_brandt: 'equidistant',
  kannala_brandt4: 'equidistant',
  kb4: 'equidistant',
};
/** Lenses of other projections than a pinhole's, known here or not. */
const FISHEYE = /fish|equi|kannala|kb4|omni|mei|sphere|eucm|stereographic/i;

/** Whether a model's name says that the lens is no pinhole even without parameters. */
export function isFisheyeName(model: string): boolean {
  return FISHEYE.test(model);
}

function knownModel(model: string): keyof typeof PARAMETERS | undefined {
  const name = model.trim().toLowerCase().replaceAll(/[ -]/g, '_');
  return Object.hasOwn(PARAMETERS, name) ? (name as keyof typeof PARAMETERS) : OTHER_NAMES[name];
}

/**
 * The distortion of a camera_info. No parameters, or only zeros, mean none, whatever the model is called, but for fisheye
 * lenses.
 *
 * OpenCV, to which image_geometry hands D, takes 4, 5, 8, 12 or 14 numbers for all models but the fisheye's. So does this, as
 * long as what is beyond the model's own is zero. `plumb_bob` of up to 8 numbers is then rational_polynomial.
 */
export function distortionOf(name: string, d: ArrayLike<number>): Distortion {
  const given = Array.from(d);
  const model = knownModel(name);
  if (given.every((value) => value === 0)) {
    // For a fisheye lens zeros mean an ideal equidistant projection, which is not a pinhole's.
    return model === 'equidistant' && given.length > 0 ? { model, d: [0, 0, 0, 0] } : NO_DISTORTION;
  }
  if (model === undefined) {
    throw new MessageError(
      `camera_info: unknown \`distortion_model\` "${name}"; supported: ${Object.keys(PARAMETERS).join(', ')}; ` +
        'or rectify the image first and use its image_rect topic',
    );
  }
  if (!given.every(Number.isFinite)) {
    throw new MessageError(`camera_info: expected finite numbers in \`d\`, got [${given.join(', ')}]`);
  }
  const used = given.findLastIndex((value) => value !== 0) + 1;
  const taken = model === 'plumb_bob' && used > PARAMETERS.plumb_bob ? 'rational_polynomial' : model;
  if (given.length < SHORTEST || used > PARAMETERS[taken]) {
    throw new MessageError(
      `camera_info: expected \`d\` of ${PARAMETERS[model]} numbers for ${model}, got ${given.length}` +
        (used > PARAMETERS[taken] ? ', and those beyond are not zero; rectify the images first' : ''),
    );
  }
  return { model: taken, d: Array.from({ length: PARAMETERS[taken] }, (_, i) => given[i] ?? 0) };
}

/** Where the lens images the ray (x, y, 1): distorted coordinates at z = 1. */
export function distort({ model, d }: Distortion, x: number, y: number): PlanePoint {
  if (model === 'none') return { x, y };
  if (model === 'equidistant') {
    const r = Math.hypot(x, y);
    const scale = r === 0 ? 1 : equidistantRadius(d, Math.atan(r)).value / r;
    return { x: x * scale, y: y * scale };
  }
  const { fx, fy } = radialTangential(d, x, y);
  return { x: fx, y: fy };
}

const NEWTON_STEPS = 30;
/** In units of the focal length: 1e-10 is far below any float32 ray. */
const TOLERANCE = 1e-10;
const LEAST_DAMPING = 1e-6;

/**
 * The ray (x, y, 1) that the lens images at distorted coordinates (`xd`, `yd`): the inverse of `distort`, by Newton's method
 * from the distorted point. It is undefined where the model images no ray in front of the camera there.
 *
 * Far from the axis a polynomial lens model folds back and images two rays at one pixel. The nearer one is meant, so the
 * iteration never steps to where the Jacobian's determinant is not positive.
 */
export function undistort(distortion: Distortion, xd: number, yd: number): PlanePoint | undefined {
  if (distortion.model === 'none') return { x: xd, y: yd };
  return distortion.model === 'equidistant'
    ? undistortEquidistant(distortion.d, xd, yd)
    : undistortRadialTangential(distortion.d, xd, yd);
}

function undistortRadialTangential(d: readonly number[], xd: number, yd: number): PlanePoint | undefined {
  let x = xd;
  let y = yd;
  let here = radialTangential(d, x, y);
  for (let i = 0; i < NEWTON_STEPS; i++) {
    const ex = here.fx - xd;
    const ey = here.fy - yd;
    const error = Math.hypot(ex, ey);
    if (!unfolded(here)) return undefined;
    if (error < TOLERANCE) return { x, y };
    const determinant = here.xx * here.yy - here.xy * here.yx;
    const stepX = (here.yy * ex - here.xy * ey) / determinant;
    const stepY = (here.xx * ey - here.yx * ex) / determinant;
    let damping = 1;
    let next = radialTangential(d, x - stepX, y - stepY);
    // A step that crosses the fold or overshoots is halved: close to the fold the plain step does either.
    while (!(unfolded(next) && Math.hypot(next.fx - xd, next.fy - yd) < error)) {
      damping /= 2;
      if (damping < LEAST_DAMPING) return undefined;
      next = radialTangential(d, x - damping * stepX, y - damping * stepY);
    }
    x -= damping * stepX;
    y -= damping * stepY;
    here = next;
  }
  return undefined;
}

function unfolded({ xx, xy, yx, yy }: { xx: number; xy: number; yx: number; yy: number }): boolean {
  return xx * yy - xy * yx > 0;
}

function undistortEquidistant(d: readonly number[], xd: number, yd: number): PlanePoint | undefined {
  const radius = Math.hypot(xd, yd);
  if (radius === 0) return { x: 0, y: 0 };
  let theta = Math.min(radius, Math.PI / 2);
  for (let i = 0; i < NEWTON_STEPS; i++) {
    const { value, slope } = equidistantRadius(d, theta);
    if (!(slope > 0)) return undefined;
    const error = value - radius;
    if (Math.abs(error) < TOLERANCE) {
      if (theta >= Math.PI / 2 || theta < 0) return undefined;
      const scale = Math.tan(theta) / radius;
      return { x: xd * scale, y: yd * scale };
    }
    theta -= error / slope;
  }
  return undefined;
}

/** theta_d = theta (1 + k1 theta^2 + k2 theta^4 + k3 theta^6 + k4 theta^8) and its derivative. Source: OpenCV fisheye. */
function equidistantRadius(d: readonly number[], theta: number): { value: number; slope: number } {
  const [k1 = 0, k2 = 0, k3 = 0, k4 = 0] = d;
  const t = theta * theta;
  return {
    value: theta * (1 + t * (k1 + t * (k2 + t * (k3 + t * k4)))),
    slope: 1 + t * (3 * k1 + t * (5 * k2 + t * (7 * k3 + t * 9 * k4))),
  };
}

/**
 * Brown's model with the rational radial term, and its Jacobian. x' = x R + 2 p1 x y + p2 (r2 + 2 x^2). y' = y R + p1 (r2 + 2
 * y^2) + 2 p2 x y. R = (1 + k1 r2 + k2 r2^2 + k3 r2^3) / (1 + k4 r2 + k5 r2^2 + k6 r2^3). Source: OpenCV calib3d.
 */
function radialTangential(d: readonly number[], x: number, y: number) {
  const [k1 = 0, k2 = 0, p1 = 0, p2 = 0, k3 = 0, k4 = 0, k5 = 0, k6 = 0] = d;
  const r2 = x * x + y * y;
  const numerator = 1 + r2 * (k1 + r2 * (k2 + r2 * k3));
  const denominator = 1 + r2 * (k4 + r2 * (k5 + r2 * k6));
  const radial = numerator / denominator;
  const numeratorSlope = k1 + r2 * (2 * k2 + r2 * 3 * k3);
  const denominatorSlope = k4 + r2 * (2 * k5 + r2 * 3 * k6);
  /** Derivative of R by r2. */
  const slope = (numeratorSlope - radial * denominatorSlope) / denominator;
  const cross = 2 * x * y * slope + 2 * p1 * x + 2 * p2 * y;
  return {
    fx: x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
    fy: y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
    xx: radial + 2 * x * x * slope + 2 * p1 * y + 6 * p2 * x,
    xy: cross,
    yx: cross,
    yy: radial + 2 * y * y * slope + 6 * p1 * y + 2 * p2 * x,
  };
}
