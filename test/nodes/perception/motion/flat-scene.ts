import { identityTransform } from '../../../../msgs/camera/rigid-transform.js';
import { KIND, type MotionView } from '../../../../nodes/perception/motion/motion-view.js';
import { greyPyramid } from '../../../../vision/grey-pyramid.js';

/** A textured rectangle that faces the camera; metres, x to the right, y down, z forward. */
export interface Board {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly z: number;
  readonly kind: keyof typeof KIND;
  /** Metres a second. */
  readonly vx?: number;
  readonly vz?: number;
}

export const SCENE = { width: 192, height: 64, focal: 150, cx: 95.5, cy: 31.5 };
/** A wall behind everything. */
const WALL: Board = { left: -200, top: -60, width: 400, height: 120, z: 60, kind: 'none' };

/**
 * A picture of boards before a wall, rendered by its definition; the camera looks along z from (x, 0, z), or turned from there
 * to the right by `yaw`, radians.
 */
export function flatScene(
  boards: readonly Board[],
  camera: { readonly x: number; readonly z: number; readonly yaw?: number },
  seconds: number,
): MotionView {
  const { width, height, focal, cx, cy } = SCENE;
  const area = width * height;
  const [cos, sin] = [Math.cos(camera.yaw ?? 0), Math.sin(camera.yaw ?? 0)];
  const rgb = new Uint8Array(3 * area);
  const depth = new Float32Array(area).fill(Number.POSITIVE_INFINITY);
  const kinds = new Uint8Array(area);
  const all = [WALL, ...boards].sort((a, b) => b.z - a.z);
  all.forEach((board, number) => {
    const { vx = 0, vz = 0 } = board;
    const left = board.left + vx * seconds - camera.x;
    const z = board.z + vz * seconds - camera.z;
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const ray = (column - cx) / focal;
        const own = z / (cos - sin * ray); // camera z where the ray meets the board's plane
        const x = (cos * ray + sin) * own - left;
        const y = ((row - cy) / focal) * own - board.top;
        if (x < 0 || y < 0 || x >= board.width || y >= board.height) continue;
        const at = row * width + column;
        depth[at] = own;
        kinds[at] = KIND[board.kind];
        // Waves of a few sizes, other ones on every board.
        const size = number === 0 ? 4 : 0.5;
        const p = 3 * number;
        const waves =
          Math.sin(x / size + p) + Math.sin(y / size + 2 * p) + Math.sin((x + y) / (0.6 * size) + p);
        rgb.fill(Math.round(128 + 35 * waves), 3 * at, 3 * at + 3);
      }
    }
  });
  const worldFromCamera = identityTransform();
  [worldFromCamera[0], worldFromCamera[2]] = [cos, sin];
  [worldFromCamera[8], worldFromCamera[10]] = [-sin, cos];
  worldFromCamera[3] = camera.x;
  worldFromCamera[11] = camera.z;
  return {
    stampNs: BigInt(Math.round(seconds * 1e9)),
    ...{ height, width, depth, kinds, worldFromCamera },
    intrinsics: { fx: focal, fy: focal, cx, cy },
    grey: greyPyramid(rgb, height, width, 3),
  };
}
