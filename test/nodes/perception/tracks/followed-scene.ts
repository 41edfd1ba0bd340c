import { CITYSCAPES_CLASSES } from '../../../../models/class-table.js';
import { type Detection3D, detection3DArrayCodec } from '../../../../msgs/detection3d-array.js';
import { pointCloud2Codec } from '../../../../msgs/point-cloud2.js';
import { readPointField } from '../../../../msgs/read-points.js';
import { MotionJudging } from '../../../../nodes/perception/motion/motion-judging.js';
import { KIND } from '../../../../nodes/perception/motion/motion-view.js';
import { type Board, flatScene } from '../motion/flat-scene.js';

export const CLASSES = CITYSCAPES_CLASSES.map(({ name, color, dynamic }) => ({
  ...{ name, dynamic, color: [...color] as [number, number, number] },
}));
/** What the camera's motion is told by. */
const HOUSES: readonly Board[] = [
  { left: -9, top: -2.5, width: 5, height: 4, z: 24, kind: 'none' },
  { left: 4.5, top: -2, width: 4, height: 3.5, z: 28, kind: 'none' },
];

/** One frame of a scene by definition. */
export interface Shot {
  readonly seconds: number;
  readonly boards: readonly Board[];
  readonly camera?: { readonly x: number; readonly z: number; readonly yaw?: number };
  /** Metric scale of the frame; the model's own depth is that of the scene by it. */
  readonly scale?: number;
  /** Label of vehicles. */
  readonly vehicle?: number;
}

/** What a frame's messages say of one thing. */
export interface Said {
  readonly id: string;
  readonly detection: Detection3D;
  readonly velocity: readonly [x: number, y: number, z: number];
  readonly moving: number;
}

/** What the motion worker says of a scene's things, frame by frame. */
export class FollowedScene {
  readonly #judging = new MotionJudging();
  #begun = false;

  shoot({ seconds, boards, camera = { x: 0, z: 0 }, scale = 1, vehicle = 13 }: Shot): Said[] {
    const view = flatScene([...HOUSES, ...boards], camera, seconds);
    const { height, width, stampNs, intrinsics, kinds, depth } = view;
    const grey = view.grey[0]?.data ?? [];
    const image = Uint8Array.from({ length: 3 * height * width }, (_, i) =>
      Math.round(grey[Math.floor(i / 3)] ?? 0),
    );
    const labels = kinds.map((kind) => (kind === KIND.vehicle ? vehicle : kind === KIND.person ? 11 : 2));
    const { tracks } = this.#judging.judge({
      ...{ id: 0, header: { stamp: { sec: 1, nanosec: 0 }, frame_id: 'camera' }, stampNs, height, width },
      ...{ intrinsics, scale, metersPerUnit: scale, tracks: true },
      maps: { height, width, image, depth, labels, pointStride: 0 },
      ...(!this.#begun && { classes: CLASSES }),
    });
    this.#begun = true;
    if (tracks === undefined) throw new Error('there are no tracks');
    const { detections } = detection3DArrayCodec.decode(tracks.tracks);
    const cloud = pointCloud2Codec.decode(tracks.trackVelocities);
    const [vx, vy, vz, moving, id] = ['vx', 'vy', 'vz', 'moving', 'id'].map((name) => [
      ...readPointField(cloud, name),
    ]);
    return detections.map((detection, i) => {
      const at = (values: readonly number[] | undefined) => values?.[i] ?? Number.NaN;
      if (String(at(id)) !== detection.id) throw new Error('the velocities are of other things');
      return { id: detection.id, detection, velocity: [at(vx), at(vy), at(vz)], moving: at(moving) };
    });
  }

  /** Frames at 10 Hz from one time up to another. @returns what the last says. */
  shootAll(from: number, to: number, shot: (seconds: number) => Omit<Shot, 'seconds'>): Said[] {
    let said: Said[] = [];
    for (let i = Math.round(10 * from); i <= Math.round(10 * to); i++)
      said = this.shoot({ ...shot(i / 10), seconds: i / 10 });
    return said;
  }
}
