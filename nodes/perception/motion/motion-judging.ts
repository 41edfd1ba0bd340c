import type { Manifest } from '../../../models/manifest.js';
import { scaleIntrinsics } from '../../../msgs/camera/intrinsics.js';
import { imageCodec } from '../../../msgs/image.js';
import { layoutImage, writeImageAround } from '../../../msgs/image-layout.js';
import { pointCloud2Codec } from '../../../msgs/point-cloud2.js';
import { heightOver } from '../../../vision/ground-plane.js';
import { roadPlane } from '../../../vision/road-plane.js';
import { ObstacleJudge } from '../obstacles/obstacle-judge.js';
import { lidarRatio } from '../scale/lidar-ratio.js';
import { longestOfLabel } from '../tracks/longest-of-label.js';
import { seenObjects } from '../tracks/seen-objects.js';
import { TrackList } from '../tracks/track-list.js';
import { type TrackMessages, trackMessages } from '../tracks/track-messages.js';
import { applyToPoints } from './apply-factors.js';
import { kindOfLabel } from './kind-of-label.js';
import type { MotionAnswer, MotionRequest } from './motion-protocol.js';
import { type FollowedFrame, MotionTracker } from './motion-tracker.js';
import { paintOntoCamera } from './onto-camera.js';

/** Height at which cameras are mounted, metres: tells how fast things move where no scale is known. */
const USUAL_HEIGHT = 1.5;

/** What the motion worker does with a frame: judges, measures, and makes messages of the results. */
export class MotionJudging {
  #tracker = new MotionTracker(new Uint8Array(256));
  #roadLabel = -1;
  #obstacles = new ObstacleJudge([]);
  #unit = 1;
  #classes: Manifest['classes'] = [];
  #longest: Float32Array = new Float32Array(256);
  readonly #tracks = new TrackList();

  reset(): void {
    this.#tracker.reset();
    this.#tracks.reset();
  }

  judge(request: MotionRequest): Omit<MotionAnswer, 'kind' | 'id' | 'maps'> {
    const startMs = performance.now();
    const { classes, maps, scale, stampNs, height, width } = request;
    if (classes !== undefined) {
      this.#tracker = new MotionTracker(kindOfLabel(classes));
      this.#roadLabel = levelLabel(classes);
      this.#obstacles = new ObstacleJudge(classes);
      this.#unit = 1;
      this.#classes = classes;
      this.#longest = longestOfLabel(classes);
      this.#tracks.reset();
    }
    const intrinsics = scaleIntrinsics(request.intrinsics, maps.width / width, maps.height / height);
    const plane = roadPlane(maps, intrinsics, this.#roadLabel);
    const road = plane && heightOver(plane);
    if (Number.isFinite(request.metersPerUnit)) this.#unit = request.metersPerUnit;
    else if (road !== undefined) this.#unit = (USUAL_HEIGHT * scale) / road;
    const { moving, either, lambda, ego, seconds, factors, followed } = this.#tracker.track(
      { stampNs, maps, intrinsics, scale },
      this.#unit,
      { stabilize: request.stabilize ?? false, follow: request.tracks ?? false },
    );
    const tracks = this.#follow(request, followed);
    const camera = { height, width };
    const message = maskMessage(request);
    paintOntoCamera(moving, maps, message.mask, camera);
    const { dynamic, points, lidar } = request;
    if (dynamic !== undefined && either !== undefined)
      paintOntoCamera(either, maps, imageCodec.decode(dynamic).data, camera);
    if (factors !== undefined && points !== undefined)
      applyToPoints(points, factors, { height, width, stride: maps.pointStride });
    const obstacles =
      request.obstacles &&
      points &&
      this.#obstacles.judge(
        {
          stampNs,
          cloud: pointCloud2Codec.decode(points),
          request: request.obstacles,
          moving: message.mask,
          imageWidth: width,
          stride: maps.pointStride,
        },
        plane,
      );
    if (points !== undefined) leaveOut(points, message.mask, width, maps.pointStride);
    const ratio = lidar && lidarRatio(maps, intrinsics, lidar);
    const t = ego?.earlierFromLater;
    return {
      moving: message.cdr,
      ...(dynamic && { dynamic }),
      ...(points && { points }),
      ...(obstacles && { obstacles }),
      ...(tracks && { tracks }),
      ...(factors && { factors }),
      lambda,
      ...(road !== undefined && { roadHeight: road / scale }),
      ...(t && { travelled: Math.hypot(t[3] as number, t[7] as number, t[11] as number) }),
      ...(ego && seconds !== undefined && { seconds }),
      ...(ego && { ego: { earlierFromLater: ego.earlierFromLater, covariance: ego.covariance } }),
      ...(ratio !== undefined && { lidarRatio: ratio * scale }),
      motionMs: performance.now() - startMs,
    };
  }

  #follow(
    { header, scale, maps }: MotionRequest,
    followed: FollowedFrame | undefined,
  ): TrackMessages | undefined {
    // What happens while nobody wants them is not known later.
    if (followed === undefined || followed.begins) this.#tracks.reset();
    if (followed === undefined) return undefined;
    const { view, components, owners } = followed;
    const labels = maps.labels ?? new Uint8Array(owners.length);
    const objects = seenObjects(components, { labels, longest: this.#longest, ...view }, this.#unit);
    const tracks = this.#tracks.update(objects, view, owners, this.#unit);
    return trackMessages(tracks, { header, scale, classes: this.#classes });
  }
}

/** The class that the camera drives on: the road, or the floor of a building; -1: none. */
function levelLabel(classes: Manifest['classes']): number {
  const labelOf = (wanted: string) => classes.findIndex(({ name }) => name.toLowerCase() === wanted);
  return ['road', 'floor', 'ground'].map(labelOf).find((label) => label >= 0) ?? -1;
}

/** A mono8 image with the frame's header: the message, and its pixels, all 0. */
function maskMessage({ header, height, width, reuse }: MotionRequest): { cdr: Uint8Array; mask: Uint8Array } {
  const layout = layoutImage({ frame_id: header.frame_id, encoding: 'mono8' }, height, width, width);
  const { bufferOffset, byteLength, dataOffset } = layout;
  const size = bufferOffset + byteLength;
  const buffer = reuse?.byteLength === size ? reuse : new ArrayBuffer(size);
  const cdr = new Uint8Array(buffer, bufferOffset, byteLength);
  const mask = cdr.subarray(dataOffset, dataOffset + height * width).fill(0);
  writeImageAround(cdr, { header, height, width, encoding: 'mono8', is_bigendian: 0, step: width });
  return { cdr, mask };
}

/** Sets the points of a cloud of this project to NaN where the mask says so: x, y and z are its first floats. */
function leaveOut(cdr: Uint8Array, mask: Uint8Array, width: number, stride: number): void {
  const cloud = pointCloud2Codec.decode(cdr);
  const { data, point_step, row_step } = cloud;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let row = 0; row < cloud.height; row++) {
    for (let column = 0; column < cloud.width; column++) {
      if (mask[row * stride * width + column * stride] === 0) continue;
      const at = row * row_step + column * point_step;
      for (let field = 0; field < 3; field++)
        view.setFloat32(at + 4 * field, Number.NaN, !cloud.is_bigendian);
    }
  }
}
