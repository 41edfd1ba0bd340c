import type { SemanticClass } from '../../../models/class-table.js';
import { quaternionOf } from '../../../msgs/camera/quaternion-of.js';
import { laserScanCodec } from '../../../msgs/laser-scan.js';
import type { PointCloud2 } from '../../../msgs/point-cloud2.js';
import type { TransformStamped } from '../../../msgs/tf-message.js';
import type { GroundPlane } from '../../../vision/ground-plane.js';
import { chosenPoints } from './chosen-points.js';
import { GroundFilter } from './ground-filter.js';
import { groundLabels } from './ground-labels.js';
import { levelFrameName, opticalFromLevel } from './level-frame.js';
import { ObstacleFinder, type ObstacleScene, POINT } from './obstacle-finder.js';
import type { ObstacleRequest } from './obstacle-request.js';
import { obstacleScan } from './obstacle-scan.js';

/** CDR messages of a frame, and where the scan's frame is. */
export interface ObstacleMessages {
  /** sensor_msgs/PointCloud2 of `points/obstacles`. */
  readonly obstacles: Uint8Array;
  /** sensor_msgs/PointCloud2 of `points/dynamic`. */
  readonly dynamicPoints: Uint8Array;
  /** sensor_msgs/LaserScan of `scan`. */
  readonly scan: Uint8Array;
  /** Transform of the scan's frame. */
  readonly level: TransformStamped;
}

export interface ObstacleFrame extends Pick<ObstacleScene, 'moving' | 'imageWidth' | 'stride'> {
  readonly stampNs: bigint;
  readonly cloud: PointCloud2;
  readonly request: ObstacleRequest;
}

/** The obstacles of a stream of frames. */
export class ObstacleJudge {
  readonly #groundLabels: Uint8Array;
  readonly #ground = new GroundFilter();
  readonly #finder = new ObstacleFinder();

  constructor(classes: readonly Pick<SemanticClass, 'name'>[]) {
    this.#groundLabels = groundLabels(classes);
  }

  /**
   * @param seen the ground of this frame, metres; it is smoothed over the frames.
   * @returns undefined where nobody knows where the ground is.
   */
  judge(
    { stampNs, cloud, request, ...scene }: ObstacleFrame,
    seen: GroundPlane | undefined,
  ): ObstacleMessages | undefined {
    const ground = this.#ground.add(stampNs, seen) ?? request.mounted;
    if (ground === undefined) return undefined;
    const groundLabels = this.#groundLabels;
    const kinds = this.#finder.find({ ...scene, cloud, ground, groundLabels, band: request });
    const level = opticalFromLevel(ground);
    const { header } = cloud;
    return {
      obstacles: chosenPoints(cloud, kinds, POINT.still),
      dynamicPoints: chosenPoints(cloud, kinds, POINT.moving),
      scan: laserScanCodec.encode(obstacleScan(cloud, kinds, level, request)),
      level: {
        ...{ header, child_frame_id: levelFrameName(header.frame_id) },
        transform: { translation: { x: 0, y: 0, z: 0 }, rotation: quaternionOf(level) },
      },
    };
  }
}
