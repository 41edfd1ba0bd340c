import type { Manifest } from '../../../models/manifest.js';
import { type Detection3D, detection3DArrayCodec } from '../../../msgs/detection3d-array.js';
import type { Header } from '../../../msgs/header.js';
import { markerArrayCodec } from '../../../msgs/marker-array.js';
import { pointCloud2Codec } from '../../../msgs/point-cloud2.js';
import { POINT_DATATYPE, type PointField } from '../../../msgs/point-field.js';
import type { Vector } from '../motion/judged-component.js';
import type { Track } from './track.js';
import { trackMarkers } from './track-markers.js';

/** CDR messages of the tracks of a frame. */
export interface TrackMessages {
  /** Message `dynamic/tracks`. */
  readonly tracks: Uint8Array;
  /** Message of the tracks' velocities, one point for each track. */
  readonly trackVelocities: Uint8Array;
  /** Message of markers that draw the tracks. */
  readonly trackMarkers: Uint8Array;
}

/** Classes with a smaller share of a thing's pixels are not told. */
const LEAST_SCORE = 0.05;
const UNTURNED = { x: 0, y: 0, z: 0, w: 1 } as const;
const FIELDS: readonly PointField[] = [
  ...['x', 'y', 'z', 'vx', 'vy', 'vz', 'moving'].map((name, i) => ({
    ...{ name, offset: 4 * i, datatype: POINT_DATATYPE.FLOAT32, count: 1 },
  })),
  { name: 'id', offset: 28, datatype: POINT_DATATYPE.UINT32, count: 1 },
];
const POINT_STEP = 32;

/**
 * @param header of the frame's image. @param scale metres in a unit of depth. @param classes the model's.
 */
export function trackMessages(
  tracks: readonly Track[],
  {
    header,
    scale,
    classes,
  }: { readonly header: Header; readonly scale: number; readonly classes: Manifest['classes'] },
): TrackMessages {
  const metric = tracks.map((track) => inMetres(track, scale));
  return {
    tracks: detection3DArrayCodec.encode({
      header,
      detections: metric.map((track) => detection(track, header, classes)),
    }),
    trackVelocities: velocities(metric, header),
    trackMarkers: markerArrayCodec.encode({ markers: trackMarkers(metric, header, classes) }),
  };
}

function inMetres(track: Track, scale: number): Track {
  const scaled = ([x, y, z]: Vector): Vector => [scale * x, scale * y, scale * z];
  return {
    ...track,
    box: { centre: scaled(track.box.centre), size: scaled(track.box.size) },
    covariance: track.covariance.map((value) => scale * scale * value),
    velocity: scaled(track.velocity),
  };
}

function detection(
  { id, box, covariance, labels }: Track,
  header: Header,
  classes: Manifest['classes'],
): Detection3D {
  const [x, y, z] = box.centre;
  const pose = { position: { x, y, z }, orientation: UNTURNED };
  const all = new Float64Array(36);
  for (let row = 0; row < 3; row++)
    for (let column = 0; column < 3; column++) all[6 * row + column] = covariance[3 * row + column] as number;
  // Nothing says how things are turned about their middle.
  for (const axis of [3, 4, 5]) all[7 * axis] = Math.PI ** 2;
  const told = labels.filter(([, share], i) => i === 0 || share >= LEAST_SCORE);
  return {
    header,
    id: String(id),
    results: told.map(([label, score]) => ({
      hypothesis: { class_id: classes[label]?.name ?? String(label), score: Math.min(1, score) },
      pose: { pose, covariance: all },
    })),
    bbox: { center: pose, size: { x: box.size[0], y: box.size[1], z: box.size[2] } },
  };
}

function velocities(tracks: readonly Track[], header: Header): Uint8Array {
  const data = new Uint8Array(POINT_STEP * tracks.length);
  const view = new DataView(data.buffer);
  tracks.forEach(({ id, box, velocity, moves }, i) => {
    const at = POINT_STEP * i;
    [...box.centre, ...velocity, moves].forEach((value, k) => {
      view.setFloat32(at + 4 * k, value, true);
    });
    view.setUint32(at + 28, id, true);
  });
  return pointCloud2Codec.encode({
    ...{ header, fields: FIELDS, data, point_step: POINT_STEP, row_step: data.length },
    ...{ height: 1, width: tracks.length, is_bigendian: false, is_dense: true },
  });
}
