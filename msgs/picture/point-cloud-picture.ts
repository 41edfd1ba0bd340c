import { MessageError } from '../errors.js';
import { drawText } from './draw-text.js';
import { type RgbPicture, rgbPicture } from './rgb-picture.js';

export interface PointCloudPictureOptions {
  /** `top`: bird's-eye, forward is up. `oblique`: seen from behind and above the camera. Default `top`. */
  readonly view?: 'top' | 'oblique';
  /** Pixels, default 600 x 600. */
  readonly width?: number;
  readonly height?: number;
  /** How far the view reaches forward, metres, default 50. */
  readonly rangeMeters?: number;
  /** Height of the camera above the ground grid, metres, default 1.6. */
  readonly cameraHeightMeters?: number;
}

type Projection = (x: number, y: number, z: number) => { column: number; row: number; distance: number };

/**
 * Draws a cloud in the camera's optical frame (x right, y down, z forward; metres) with a grid on the ground.
 * @param points [N, 3]; points that are not finite are left out.
 * @param colors [N, 3], sRGB; without it the points are coloured by their height (1 m below to 3 m above the camera).
 * @throws MessageError when the two lengths differ.
 */
export function pointCloudPicture(
  points: ArrayLike<number>,
  colors: ArrayLike<number> | undefined,
  options: PointCloudPictureOptions = {},
): RgbPicture {
  if (colors !== undefined && colors.length !== points.length) {
    throw new MessageError(
      `A cloud of \`${points.length / 3}\` points needs as many colours, got \`${colors.length / 3}\`.`,
    );
  }
  const { view = 'top', width = 600, height = 600, rangeMeters = 50, cameraHeightMeters = 1.6 } = options;
  const picture = rgbPicture(width, height);
  picture.rgb.fill(18);
  const project =
    view === 'top' ? fromAbove(width, height, rangeMeters) : fromBehind(width, height, rangeMeters);
  drawGrid(picture, project, rangeMeters, cameraHeightMeters);
  const nearest = new Float64Array(width * height).fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i + 2 < points.length; i += 3) {
    const y = points[i + 1] ?? Number.NaN;
    const { column, row, distance } = project(points[i] ?? Number.NaN, y, points[i + 2] ?? Number.NaN);
    if (!(column >= 0 && column < width && row >= 0 && row < height && distance > 0)) continue;
    const pixel = Math.floor(row) * width + Math.floor(column);
    if (distance >= (nearest[pixel] ?? 0)) continue;
    nearest[pixel] = distance;
    const level = Math.round(255 * Math.min(1, Math.max(0, (1 - y) / 4 + 0.25)));
    picture.rgb[pixel * 3] = colors?.[i] ?? level;
    picture.rgb[pixel * 3 + 1] = colors?.[i + 1] ?? 255 - Math.abs(2 * level - 255);
    picture.rgb[pixel * 3 + 2] = colors?.[i + 2] ?? 255 - level;
  }
  return picture;
}

/** Orthographic; the camera stands at the middle of the lower edge. Higher points hide lower ones. */
function fromAbove(width: number, height: number, rangeMeters: number): Projection {
  const scale = height / rangeMeters;
  return (x, y, z) => ({ column: width / 2 + x * scale, row: height - 1 - z * scale, distance: 1000 + y });
}

/** Perspective; an eye 8 m behind and 6 m above the camera, looking down at a point a third of the range ahead. */
function fromBehind(width: number, height: number, rangeMeters: number): Projection {
  const pitch = Math.atan2(6, 8 + rangeMeters / 3);
  const sin = Math.sin(pitch);
  const cos = Math.cos(pitch);
  const focal = 0.8 * width;
  return (x, y, z) => {
    const below = y + 6;
    const ahead = z + 8;
    const depth = cos * ahead + sin * below;
    const down = cos * below - sin * ahead;
    if (!(depth > 0.1)) return { column: -1, row: -1, distance: -1 };
    return {
      column: width / 2 + (focal * x) / depth,
      row: height / 2 + (focal * down) / depth,
      distance: depth,
    };
  };
}

/** Lines every 10 m on the plane that lies `cameraHeightMeters` below the camera. */
function drawGrid(picture: RgbPicture, project: Projection, range: number, cameraHeightMeters: number): void {
  const plot = (x: number, z: number, level: number): void => {
    const { column, row } = project(x, cameraHeightMeters, z);
    if (!(column >= 0 && column < picture.width && row >= 0 && row < picture.height)) return;
    const offset = (Math.floor(row) * picture.width + Math.floor(column)) * 3;
    picture.rgb.fill(level, offset, offset + 3);
  };
  const reach = Math.ceil(range / 10) * 10;
  const step = range / 2000;
  for (let line = -reach; line <= reach; line += 10) {
    for (let along = -reach; along <= reach; along += step) {
      if (line >= 0) plot(along, line, 60);
      if (along >= 0) plot(line, along, line === 0 ? 110 : 60);
    }
    if (line <= 0) continue;
    const { column, row } = project(0, cameraHeightMeters, line);
    if (line < range)
      drawText(picture, {
        text: `${line} m`,
        left: Math.floor(column) + 3,
        top: Math.floor(row) + 2,
        color: [150, 150, 150],
      });
  }
}
