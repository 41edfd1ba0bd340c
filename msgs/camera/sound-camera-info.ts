import type { CameraInfo } from '../camera-info.js';
import { MessageError } from '../errors.js';
import { checkImageSize, deliveredWindow } from './delivered-window.js';
import { distortionOf, isFisheyeName, undistort } from './distortion.js';
import type { Intrinsics } from './intrinsics.js';

export interface ImageExtent {
  readonly width: number;
  readonly height: number;
}

/** A camera_info as it can be meant. */
export interface SoundCameraInfo {
  readonly info: CameraInfo;
  /** What was mended, or looks wrong, with numbers and what to do; the same for all camera_infos like this one. */
  readonly warnings: readonly string[];
}

type Kind = 'raw' | 'rectified';

/** Sizes may differ so much, in delivered pixels: drivers round regions and calibrations. */
const MOST_OFF_BY = 2;
/** A pinhole view above this cannot be meant; above the other one it is odd, degrees. */
const IMPOSSIBLE_DEGREES = 170;
const WIDE_DEGREES = 140;
const NARROW_DEGREES = 2;
/** The same for lenses that are no pinholes: a full turn and what the widest of them see. */
const IMPOSSIBLE_FISHEYE_DEGREES = 360;
const WIDE_FISHEYE_DEGREES = 250;
/** Where the principal point of an uncropped camera lies, in sizes of the image. */
const CENTRAL = [0.2, 0.8] as const;
/** Factor between the focal lengths of K and P that undistortion can explain. */
const MOST_RECTIFIED_FACTOR = 2.5;
/** Relative tolerance of what must be equal: K and P without distortion. */
const AGREEING = 0.05;
const MOST_ANAMORPHIC = 1.5;
/** In focal lengths; fits of a calibration leave some. */
const MOST_SKEW = 0.01;
/** How far from the axis a polynomial lens sees the middle of the image's edges, in what a pinhole does. */
const DISTORTED = [1 / 3, 8] as const;

const USE_RECTIFIED =
  '`--camera-kind rectified` (parameter `camera_kind` of the node) takes P and says that the images are rectified';
const USE_INTRINSICS = 'or give them with `--intrinsics fx,fy,cx,cy` (commands, not the node)';

/**
 * Mends what is harmless in a camera_info, and says what looks wrong.
 *
 * - Size 0 is the image's size. The image's size wins over a region of interest or binning that the images do not have. It
 *   wins over sizes that differ by up to two pixels, too.
 * - K that is zero, the identity or normalised to the image's size, beside a good P and no distortion, gives way to P. P
 *   gives way to K for rectified images.
 * - A view or principal point that no camera has, K that contradicts P, a fisheye lens without parameters: warnings.
 * @param image size of the image that it accompanies; undefined where that is not known
 * @throws MessageError for what cannot be meant: see cameraModel and checkImageSize, and views of 170 degrees and more.
 */
export function soundCameraInfo(
  original: CameraInfo,
  kind: Kind,
  image: ImageExtent | undefined,
): SoundCameraInfo {
  const warnings: string[] = [];
  const warn = (text: string) =>
    warnings.push(`camera_info in frame \`${original.header.frame_id}\`: ${text}`);
  const sized = image === undefined ? original : soundSize(original, image, warn);
  const info = soundMatrix(sized, kind, warn);
  return { info, warnings };
}

type Warn = (text: string) => void;

function soundSize(info: CameraInfo, image: ImageExtent, warn: Warn): CameraInfo {
  const { roi } = info;
  const imageSize = `${image.width} x ${image.height}`;
  const whole = { x_offset: 0, y_offset: 0, width: 0, height: 0, do_rectify: roi.do_rectify };
  if (info.width === 0 || info.height === 0) {
    warn(`its size is ${info.width} x ${info.height}: taken as calibrated for the images' ${imageSize}`);
    return { ...info, ...sizeOf(image), binning_x: 0, binning_y: 0, roi: whole };
  }
  const window = deliveredWindow(info);
  if (window.width === image.width && window.height === image.height) return info;
  if (info.width === image.width && info.height === image.height) {
    warn(
      `it says roi ${roi.width} x ${roi.height} at ${roi.x_offset}, ${roi.y_offset} and binning ${window.binningX} x ` +
        `${window.binningY}, but the images have the whole ${imageSize}: taken as whole images`,
    );
    return { ...info, binning_x: 0, binning_y: 0, roi: whole };
  }
  const off = Math.max(Math.abs(window.width - image.width), Math.abs(window.height - image.height));
  const least = Math.min(image.width, image.height);
  if (off > MOST_OFF_BY || off * 10 > least) {
    checkImageSize(info, image);
    return info;
  }
  warn(
    `it announces images of ${window.width} x ${window.height}, they have ${imageSize}: taken as the same view`,
  );
  const [width, height] = [image.width * window.binningX, image.height * window.binningY];
  return roi.width === 0 && roi.height === 0
    ? { ...info, width, height, roi: whole }
    : { ...info, roi: { ...roi, width, height } };
}

function sizeOf({ width, height }: ImageExtent): ImageExtent {
  return { width, height };
}

function soundMatrix(info: CameraInfo, kind: Kind, warn: Warn): CameraInfo {
  const [k, p] = [intrinsicsOf(info.k, 3), intrinsicsOf(info.p, 4)];
  const [own, other] = kind === 'raw' ? [k, p] : [p, k];
  const [name, otherName] = kind === 'raw' ? ['K', 'P'] : ['P', 'K'];
  const undistorted = kind === 'rectified' || isUndistorted(info);
  const problem = problemOf(own, info, undistorted);
  if (problem !== undefined) {
    const remedy = kind === 'raw' ? USE_RECTIFIED : '`--camera-kind raw` takes K';
    if (problemOf(other, info, true) === undefined && undistorted) {
      warn(
        `${name} is ${problem}, ${otherName} is good and taken: ${show(other)}; calibrate the camera, ${remedy}`,
      );
      return kind === 'raw'
        ? { ...info, k: [other.fx, 0, other.cx, 0, other.fy, other.cy, 0, 0, 1], d: [] }
        : { ...info, p: [other.fx, 0, other.cx, 0, 0, other.fy, other.cy, 0, 0, 0, 1, 0] };
    }
    throw new MessageError(
      `camera_info in frame \`${info.header.frame_id}\`: \`${name.toLowerCase()}\` is ${problem}; calibrate the camera, ` +
        (problemOf(other, info, true) === undefined ? `${remedy}, ` : '') +
        USE_INTRINSICS,
    );
  }
  warnOfView(own, info, undistorted, name, warn);
  if (kind === 'raw') warnOfContradiction(k, p, info, warn);
  const skew = info.k[1] ?? 0;
  if (kind === 'raw' && Math.abs(skew) > MOST_SKEW * k.fx)
    warn(
      `K has a skew of ${skew} pixels, which is left out: rays are wrong by as much at the top and bottom; check the ` +
        `calibration, ${USE_INTRINSICS}`,
    );
  if (kind === 'raw') warnOfLens(info, warn);
  if (kind === 'raw') warnOfDistortion(k, info, warn);
  return info;
}

function intrinsicsOf(matrix: ArrayLike<number>, columns: 3 | 4): Intrinsics {
  const at = (index: number) => matrix[index] ?? Number.NaN;
  return { fx: at(0), fy: at(columns + 1), cx: at(2), cy: at(columns + 2) };
}

/** Why a matrix cannot describe the camera; undefined when it can. */
function problemOf(matrix: Intrinsics, info: CameraInfo, pinhole: boolean): string | undefined {
  const { fx, fy, cx, cy } = matrix;
  const { width, height } = info;
  if (fx === 0 && fy === 0) return 'all zero: the camera is uncalibrated';
  if (!(fx > 0 && fy > 0 && [fx, fy, cx, cy].every(Number.isFinite)))
    return `${show(matrix)}: expected \`positive focal lengths and a finite principal point\``;
  if (width === 0 || height === 0) return undefined;
  const degrees = widestView(matrix, info, pinhole || !isFisheye(info));
  const most = pinhole || !isFisheye(info) ? IMPOSSIBLE_DEGREES : IMPOSSIBLE_FISHEYE_DEGREES;
  if (degrees >= most) {
    const identity = fx === 1 && fy === 1 ? 'the identity, ' : '';
    return `${identity}${show(matrix)}: a view of ${degrees.toFixed(0)} degrees over ${width} x ${height} pixels, no camera's`;
  }
  const normalised = Math.abs(cx) <= 1 && Math.abs(cy) <= 1 && Math.min(width, height) > 8;
  if (normalised)
    return `${show(matrix)}: a principal point in a corner of ${width} x ${height} pixels, as if in sizes of the image`;
  return undefined;
}

function warnOfView(
  matrix: Intrinsics,
  info: CameraInfo,
  undistorted: boolean,
  name: string,
  warn: Warn,
): void {
  const { fx, fy, cx, cy } = matrix;
  const { width, height } = info;
  if (width === 0 || height === 0) return;
  const pinhole = undistorted || !isFisheye(info);
  const degrees = widestView(matrix, info, pinhole);
  const size = `${width} x ${height} pixels`;
  if (degrees > (pinhole ? WIDE_DEGREES : WIDE_FISHEYE_DEGREES) || degrees < NARROW_DEGREES) {
    warn(
      `${name} has ${show(matrix)}, a view of ${degrees.toFixed(degrees < 10 ? 1 : 0)} degrees over ${size}: depth is wrong ` +
        `by as much as that; check the calibration, ${USE_INTRINSICS}`,
    );
  }
  const [least, most] = CENTRAL;
  if (cx < least * width || cx > most * width || cy < least * height || cy > most * height) {
    warn(
      `${name} has its principal point at ${cx}, ${cy} of ${size}, far from the middle: if the images were cropped, its ` +
        `camera_info has to say so; check the calibration, ${USE_INTRINSICS}`,
    );
  }
  if (fx / fy > MOST_ANAMORPHIC || fy / fx > MOST_ANAMORPHIC) {
    warn(`${name} has ${show(matrix)}: pixels that are not square by far; check the calibration`);
  }
}

function warnOfContradiction(k: Intrinsics, p: Intrinsics, info: CameraInfo, warn: Warn): void {
  if (problemOf(p, info, true) !== undefined) return;
  const factor = Math.max(k.fx / p.fx, p.fx / k.fx, k.fy / p.fy, p.fy / k.fy);
  const shift = Math.max(
    Math.abs(k.cx - p.cx) / Math.max(1, info.width),
    Math.abs(k.cy - p.cy) / Math.max(1, info.height),
  );
  const same = isUndistorted(info) && isIdentity(info.r);
  if (same ? factor <= 1 + AGREEING && shift <= AGREEING : factor <= MOST_RECTIFIED_FACTOR) return;
  warn(
    `K (${show(k)}) contradicts P (${show(p)})${same ? ', though there is no distortion' : ''}: K is taken, as for raw images; ` +
      `if P is right, ${USE_RECTIFIED}`,
  );
}

function warnOfLens(info: CameraInfo, warn: Warn): void {
  const { distortion_model: model, d } = info;
  const parameters = Array.from(d);
  if (isFisheyeName(model) && parameters.every((value) => value === 0)) {
    warn(
      `\`distortion_model\` "${model}" with ` +
        (parameters.length === 0
          ? 'no parameters is taken as a pinhole: rays and depth are wrong if the lens is a fisheye'
          : 'zeros is taken as an ideal equidistant lens: rays and depth are wrong if the images are rectified') +
        `; calibrate it, or ${USE_RECTIFIED}`,
    );
  }
  const { model: taken } = distortionOf(model, d);
  if (taken === 'rational_polynomial' && /plumb/.test(model))
    warn(
      `\`d\` of ${parameters.length} numbers for ${model} is taken as rational_polynomial, as OpenCV does`,
    );
}

/** Whether the lens can see the middle of every edge where the parameters say. Fisheye lenses may leave edges black. */
function warnOfDistortion({ fx, fy, cx, cy }: Intrinsics, info: CameraInfo, warn: Warn): void {
  const distortion = distortionOf(info.distortion_model, info.d);
  if (distortion.model === 'none' || distortion.model === 'equidistant') return;
  const { width, height } = info;
  if (width === 0 || height === 0) return;
  for (const [u, v] of [
    [-0.5, cy],
    [width - 0.5, cy],
    [cx, -0.5],
    [cx, height - 0.5],
  ] as const) {
    const [x, y] = [(u - cx) / fx, (v - cy) / fy];
    const ray = undistort(distortion, x, y);
    const factor = ray === undefined ? 0 : Math.hypot(ray.x, ray.y) / Math.hypot(x, y);
    if (factor >= DISTORTED[0] && factor <= DISTORTED[1]) continue;
    const degrees = (at: { x: number; y: number }) => (Math.atan(Math.hypot(at.x, at.y)) * 180) / Math.PI;
    warn(
      `\`d\` [${Array.from(info.d).join(', ')}] puts the edge of the image (${u.toFixed(0)}, ${v.toFixed(0)}) ` +
        `${ray === undefined ? 'where no ray comes from' : `${degrees(ray).toFixed(1)} degrees from the axis`}, K alone ` +
        `${degrees({ x, y }).toFixed(1)}: no lens does that, rays and points are wrong; check the calibration, ${USE_INTRINSICS}`,
    );
    return;
  }
}

/** The wider of the two views, degrees. */
function widestView({ fx, fy }: Intrinsics, { width, height }: CameraInfo, pinhole: boolean): number {
  const radians = pinhole
    ? 2 * Math.atan(Math.max(width / fx, height / fy) / 2)
    : Math.max(width / fx, height / fy);
  return (radians * 180) / Math.PI;
}

function isFisheye({ distortion_model, d }: CameraInfo): boolean {
  return isFisheyeName(distortion_model) && d.length > 0;
}

function isUndistorted(info: CameraInfo): boolean {
  return Array.from(info.d).every((value) => value === 0) && !isFisheye(info);
}

/** All zero counts too: nobody set it. */
function isIdentity(r: ArrayLike<number>): boolean {
  const values = Array.from(r);
  return (
    values.every((value) => value === 0) ||
    values.every((value, i) => Math.abs(value - (i % 4 === 0 ? 1 : 0)) < 1e-6)
  );
}

function show({ fx, fy, cx, cy }: Intrinsics): string {
  const short = (value: number) => (Number.isFinite(value) ? Number(value.toPrecision(6)) : value);
  return `fx ${short(fx)}, fy ${short(fy)}, cx ${short(cx)}, cy ${short(cy)}`;
}
