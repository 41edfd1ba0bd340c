import { cameraInfoCodec } from '../../msgs/camera-info.js';
import { detection3DArrayCodec } from '../../msgs/detection3d-array.js';
import { imageCodec } from '../../msgs/image.js';
import { pointCloud2Codec } from '../../msgs/point-cloud2.js';
import { readPointField } from '../../msgs/read-points.js';
import { DRIVE_TOPICS } from '../../training/simulator/drive-recorder.js';
import type { TrueVelocity } from '../../training/simulator/true-velocities.js';
import { stampedFrames } from '../motion/stamped-frames.js';
import type { SaidTrack, TrackScore } from './track-score.js';
import { trueThings } from './true-things.js';

/** Nothing is told of in the first two frames. */
const FIRST_FRAMES = 3;
const OUTPUT = {
  tracks: '/rxdepth/dynamic/tracks',
  velocities: '/rxdepth/dynamic/velocities',
  labels: '/rxdepth/segmentation/labels',
} as const;

/** Compares the tracks of a replay of a simulated drive with the truth, frame by frame. */
export async function scoreTracks(
  bag: string,
  output: string,
  velocities: Iterable<ReadonlyMap<number, TrueVelocity>>,
  score: TrackScore,
): Promise<void> {
  const { cameraInfo, depth, labels, instances } = DRIVE_TOPICS;
  const truth = await stampedFrames(bag, [cameraInfo, depth, labels, instances]);
  const replayed = await stampedFrames(output, Object.values(OUTPUT));
  score.beginDrive();
  const moving = [...velocities];
  [...replayed].forEach(([stampNs, said], index) => {
    if (index < FIRST_FRAMES) return;
    const known = truth.get(stampNs);
    if (known === undefined) throw new Error(`${output}: no truth at ${stampNs}`);
    const { k, width, height } = cameraInfoCodec.decode(known[cameraInfo]);
    const numbers = (topic: string) => imageCodec.decode(known[topic]).data.slice();
    score.add(
      trueThings({
        ...{ width, height, intrinsics: { fx: k[0], fy: k[4], cx: k[2], cy: k[5] } },
        depth: new Float32Array(numbers(depth).buffer),
        labels: numbers(labels),
        instances: new Uint16Array(numbers(instances).buffer),
        saidLabels: imageCodec.decode(said[OUTPUT.labels]).data,
        velocities: moving[index],
      }),
      saidTracks(said[OUTPUT.tracks], said[OUTPUT.velocities]),
    );
  });
}

/** @param tracks, velocities CDR messages of one frame. */
export function saidTracks(tracks: Uint8Array, velocities: Uint8Array): SaidTrack[] {
  const cloud = pointCloud2Codec.decode(velocities);
  const [vx, vy, vz] = ['vx', 'vy', 'vz'].map((name) => readPointField(cloud, name));
  return detection3DArrayCodec.decode(tracks).detections.map(({ id, bbox, results }, i) => ({
    id,
    className: results[0].hypothesis.class_id,
    centre: [bbox.center.position.x, bbox.center.position.y, bbox.center.position.z],
    velocity: [vx[i], vy[i], vz[i]],
  }));
}
