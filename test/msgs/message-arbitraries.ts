import fc from 'fast-check';

type Text = 'ascii' | 'any';

/** ASCII where the reference writer only handles that; else any Unicode, ends and emptiness included. */
function text(kind: Text): fc.Arbitrary<string> {
  return kind === 'ascii'
    ? fc.string({ maxLength: 20, unit: 'grapheme-ascii' })
    : fc.string({ maxLength: 20, unit: 'binary' }).map((s) => s.replaceAll('\0', ''));
}

const uint8 = fc.integer({ min: 0, max: 255 });
const uint16 = fc.integer({ min: 0, max: 65535 });
const uint32 = fc.integer({ min: 0, max: 0xffffffff });
const float32 = fc.float({ noNaN: true });
const float64 = fc.double({ noNaN: true });
const bytes = fc.uint8Array({ maxLength: 40 });

const header = (kind: Text) =>
  fc.record({
    stamp: fc.record({ sec: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), nanosec: uint32 }),
    frame_id: text(kind),
  });

const doubles = (length: number) => fc.array(float64, { minLength: length, maxLength: length });

const vector = fc.record({ x: float64, y: float64, z: float64 });
const pose = fc.record({
  position: vector,
  orientation: fc.record({ x: float64, y: float64, z: float64, w: float64 }),
});
const color = fc.record({ r: float32, g: float32, b: float32, a: float32 });
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

/** Messages of every type with a codec, by short type name. */
export const MESSAGE_ARBITRARIES: Readonly<Record<string, (kind: Text) => fc.Arbitrary<object>>> = {
  'sensor_msgs/Image': (kind) =>
    fc.record({
      header: header(kind),
      height: uint32,
      width: uint32,
      encoding: text(kind),
      is_bigendian: uint8,
      step: uint32,
      data: bytes,
    }),
  'vision_msgs/Detection3DArray': (kind) =>
    fc.record({
      header: header(kind),
      detections: fc.array(
        fc.record({
          header: header(kind),
          results: fc.array(
            fc.record({
              hypothesis: fc.record({ class_id: text(kind), score: float64 }),
              pose: fc.record({ pose, covariance: doubles(36) }),
            }),
            { maxLength: 2 },
          ),
          bbox: fc.record({ center: pose, size: vector }),
          id: text(kind),
        }),
        { maxLength: 3 },
      ),
    }),
  'visualization_msgs/MarkerArray': (kind) =>
    fc.record({
      markers: fc.array(
        fc.record({
          header: header(kind),
          ns: text(kind),
          id: int32,
          type: int32,
          action: int32,
          pose,
          scale: vector,
          color,
          lifetime: fc.record({ sec: int32, nanosec: uint32 }),
          frame_locked: fc.boolean(),
          points: fc.array(vector, { maxLength: 2 }),
          colors: fc.array(color, { maxLength: 2 }),
          texture_resource: text(kind),
          texture: fc.record({ header: header(kind), format: text(kind), data: bytes }),
          uv_coordinates: fc.array(fc.record({ u: float32, v: float32 }), { maxLength: 2 }),
          text: text(kind),
          mesh_resource: text(kind),
          mesh_file: fc.record({ filename: text(kind), data: bytes }),
          mesh_use_embedded_materials: fc.boolean(),
        }),
        { maxLength: 2 },
      ),
    }),
  'sensor_msgs/CompressedImage': (kind) =>
    fc.record({ header: header(kind), format: text(kind), data: bytes }),
  'foxglove_msgs/CompressedVideo': (kind) =>
    header(kind).chain(({ stamp, frame_id }) =>
      fc.record({
        timestamp: fc.constant(stamp),
        frame_id: fc.constant(frame_id),
        data: bytes,
        format: text(kind),
      }),
    ),
  'ffmpeg_image_transport_msgs/FFMPEGPacket': (kind) =>
    fc.record({
      header: header(kind),
      width: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      height: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      encoding: text(kind),
      pts: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      flags: uint8,
      is_bigendian: fc.boolean(),
      data: bytes,
    }),
  'sensor_msgs/CameraInfo': (kind) =>
    fc.record({
      header: header(kind),
      height: uint32,
      width: uint32,
      distortion_model: text(kind),
      d: fc.array(float64, { maxLength: 9 }),
      k: doubles(9),
      r: doubles(9),
      p: doubles(12),
      binning_x: uint32,
      binning_y: uint32,
      roi: fc.record({
        x_offset: uint32,
        y_offset: uint32,
        height: uint32,
        width: uint32,
        do_rectify: fc.boolean(),
      }),
    }),
  'sensor_msgs/PointCloud2': (kind) =>
    fc.record({
      header: header(kind),
      height: uint32,
      width: uint32,
      fields: fc.array(fc.record({ name: text(kind), offset: uint32, datatype: uint8, count: uint32 }), {
        maxLength: 5,
      }),
      is_bigendian: fc.boolean(),
      point_step: uint32,
      row_step: uint32,
      data: bytes,
      is_dense: fc.boolean(),
    }),
  'tf2_msgs/TFMessage': (kind) =>
    fc.record({
      transforms: fc.array(
        fc.record({
          header: header(kind),
          child_frame_id: text(kind),
          transform: fc.record({
            translation: fc.record({ x: float64, y: float64, z: float64 }),
            rotation: fc.record({ x: float64, y: float64, z: float64, w: float64 }),
          }),
        }),
        { maxLength: 4 },
      ),
    }),
  'geometry_msgs/TwistStamped': (kind) => {
    const vector = fc.record({ x: float64, y: float64, z: float64 });
    return fc.record({ header: header(kind), twist: fc.record({ linear: vector, angular: vector }) });
  },
  'geometry_msgs/PoseStamped': (kind) =>
    fc.record({
      header: header(kind),
      pose: fc.record({
        position: fc.record({ x: float64, y: float64, z: float64 }),
        orientation: fc.record({ x: float64, y: float64, z: float64, w: float64 }),
      }),
    }),
  'nav_msgs/Odometry': (kind) => {
    const vector = fc.record({ x: float64, y: float64, z: float64 });
    return fc.record({
      header: header(kind),
      child_frame_id: text(kind),
      pose: fc.record({
        pose: fc.record({
          position: vector,
          orientation: fc.record({ x: float64, y: float64, z: float64, w: float64 }),
        }),
        covariance: doubles(36),
      }),
      twist: fc.record({
        twist: fc.record({ linear: vector, angular: vector }),
        covariance: doubles(36),
      }),
    });
  },
  'sensor_msgs/LaserScan': (kind) =>
    fc.record({
      header: header(kind),
      ...{ angle_min: float32, angle_max: float32, angle_increment: float32, time_increment: float32 },
      ...{ scan_time: float32, range_min: float32, range_max: float32 },
      ranges: fc.array(float32, { maxLength: 20 }),
      intensities: fc.array(float32, { maxLength: 3 }),
    }),
  'diagnostic_msgs/DiagnosticArray': (kind) =>
    fc.record({
      header: header(kind),
      status: fc.array(
        fc.record({
          level: uint8,
          name: text(kind),
          message: text(kind),
          hardware_id: text(kind),
          values: fc.array(fc.record({ key: text(kind), value: text(kind) }), { maxLength: 3 }),
        }),
        { maxLength: 3 },
      ),
    }),
  'bond/Status': (kind) =>
    fc.record({
      header: header(kind),
      id: text(kind),
      instance_id: text(kind),
      active: fc.boolean(),
      heartbeat_timeout: float32,
      heartbeat_period: float32,
    }),
  'vision_msgs/LabelInfo': (kind) =>
    fc.record({
      header: header(kind),
      class_map: fc.array(fc.record({ class_id: uint16, class_name: text(kind) }), { maxLength: 5 }),
      threshold: float32,
    }),
  'rxdepth_msgs/AdaptationStatus': (kind) =>
    fc.record({
      header: header(kind),
      state: uint8,
      bag: text(kind),
      message: text(kind),
      elapsed_s: float32,
    }),
  'rxdepth_msgs/PerceptionStatus': (kind) =>
    fc.record({
      header: header(kind),
      model_name: text(kind),
      model_version: text(kind),
      provider: text(kind),
      device: text(kind),
      input_rate_hz: float32,
      output_rate_hz: float32,
      frames_in: uint32,
      frames_out: uint32,
      frames_dropped: uint32,
      frames_failed: uint32,
      latency_p50_ms: float32,
      latency_p95_ms: float32,
      scale: float32,
      scale_source: text(kind),
      dc_lambda: float32,
    }),
};
