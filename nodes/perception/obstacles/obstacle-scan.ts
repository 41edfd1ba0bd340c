import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import type { LaserScan } from '../../../msgs/laser-scan.js';
import type { PointCloud2 } from '../../../msgs/point-cloud2.js';
import { cloudWords } from './cloud-words.js';
import { levelFrameName } from './level-frame.js';
import { POINT } from './obstacle-finder.js';
import type { ObstacleRequest } from './obstacle-request.js';

/** Radians: half a degree, as LiDARs have it; more where the cloud is coarser. */
const LEAST_INCREMENT = Math.PI / 360;
/** Columns of the cloud in a ray, so that none falls between two. */
const COLUMNS = 1.5;
/** Every so many rows say where anything was seen. */
const SEEN_ROWS = 4;
/** Nearer things are no measurements, metres. */
const NEAREST = 0.1;

/**
 * The nearest obstacle of each direction, moving or not, in the camera's level frame. +Inf: depth was seen there and no
 * obstacle up to the range; NaN: no depth was seen there.
 * @param cloud organised, as the engine makes it. @param kinds [H, W] POINT of the cloud's points.
 */
export function obstacleScan(
  cloud: PointCloud2,
  kinds: Uint8Array,
  opticalFromLevel: RigidTransform,
  { sector: { least, most }, range }: ObstacleRequest,
): LaserScan {
  const { floats } = cloudWords(cloud);
  const step = cloud.point_step / 4;
  const { width } = cloud;
  const increment = Math.max(LEAST_INCREMENT, (COLUMNS * (most - least)) / width);
  const rays = Math.floor((most - least) / increment) + 1;
  const ranges = new Float32Array(rays).fill(Number.NaN);
  const [fx = 0, lx = 0, , , fy = 0, ly = 0, , , fz = 0, lz = 0] = opticalFromLevel;
  for (let i = 0; i < kinds.length; i++) {
    const kind = kinds[i] as number;
    if (kind === POINT.unknown) continue;
    if (kind === POINT.free && Math.floor(i / width) % SEEN_ROWS !== 0) continue;
    const at = i * step;
    const px = floats[at] as number;
    const py = floats[at + 1] as number;
    const pz = floats[at + 2] as number;
    const ahead = fx * px + fy * py + fz * pz;
    const left = lx * px + ly * py + lz * pz;
    const ray = Math.round((Math.atan2(left, ahead) - least) / increment);
    if (ray < 0 || ray >= rays) continue;
    const before = ranges[ray] as number;
    if (kind === POINT.free) {
      if (Number.isNaN(before)) ranges[ray] = Number.POSITIVE_INFINITY;
      continue;
    }
    const distance = Math.sqrt(ahead * ahead + left * left);
    if (!(distance >= before)) ranges[ray] = distance;
  }
  const { stamp, frame_id } = cloud.header;
  return {
    header: { stamp, frame_id: levelFrameName(frame_id) },
    ...{ angle_min: least, angle_max: least + (rays - 1) * increment, angle_increment: increment },
    ...{ time_increment: 0, scan_time: 0, range_min: NEAREST, range_max: range, ranges, intensities: [] },
  };
}
