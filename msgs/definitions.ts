import { MessageError } from './errors.js';

/**
 * Message definitions as their packages write them, without comments; `ros2msg` joins one with those it uses.
 * Sources: ros2/rcl_interfaces, ros2/common_interfaces, ros2/geometry2, ros-perception/vision_msgs 4,
 * foxglove/foxglove-sdk, ros-misc-utilities/ffmpeg_image_transport_msgs.
 */
const DEFINITIONS: ReadonlyMap<string, string> = new Map(
  [
    ['builtin_interfaces/Time', ['int32 sec', 'uint32 nanosec']],
    ['std_msgs/Header', ['builtin_interfaces/Time stamp', 'string frame_id']],
    [
      'sensor_msgs/Image',
      [
        'std_msgs/Header header',
        'uint32 height',
        'uint32 width',
        'string encoding',
        'uint8 is_bigendian',
        'uint32 step',
        'uint8[] data',
      ],
    ],
    ['sensor_msgs/CompressedImage', ['std_msgs/Header header', 'string format', 'uint8[] data']],
    [
      'foxglove_msgs/CompressedVideo',
      ['builtin_interfaces/Time timestamp', 'string frame_id', 'uint8[] data', 'string format'],
    ],
    [
      'ffmpeg_image_transport_msgs/FFMPEGPacket',
      [
        'std_msgs/Header header',
        'int32 width',
        'int32 height',
        'string encoding',
        'uint64 pts',
        'uint8 flags',
        'bool is_bigendian',
        'uint8[] data',
      ],
    ],
    [
      'sensor_msgs/CameraInfo',
      [
        'std_msgs/Header header',
        'uint32 height',
        'uint32 width',
        'string distortion_model',
        'float64[] d',
        'float64[9] k',
        'float64[9] r',
        'float64[12] p',
        'uint32 binning_x',
        'uint32 binning_y',
        'sensor_msgs/RegionOfInterest roi',
      ],
    ],
    [
      'sensor_msgs/RegionOfInterest',
      ['uint32 x_offset', 'uint32 y_offset', 'uint32 height', 'uint32 width', 'bool do_rectify'],
    ],
    [
      'sensor_msgs/PointCloud2',
      [
        'std_msgs/Header header',
        'uint32 height',
        'uint32 width',
        'sensor_msgs/PointField[] fields',
        'bool is_bigendian',
        'uint32 point_step',
        'uint32 row_step',
        'uint8[] data',
        'bool is_dense',
      ],
    ],
    [
      'sensor_msgs/PointField',
      [
        'uint8 INT8=1',
        'uint8 UINT8=2',
        'uint8 INT16=3',
        'uint8 UINT16=4',
        'uint8 INT32=5',
        'uint8 UINT32=6',
        'uint8 FLOAT32=7',
        'uint8 FLOAT64=8',
        'string name',
        'uint32 offset',
        'uint8 datatype',
        'uint32 count',
      ],
    ],
    [
      'sensor_msgs/LaserScan',
      [
        'std_msgs/Header header',
        'float32 angle_min',
        'float32 angle_max',
        'float32 angle_increment',
        'float32 time_increment',
        'float32 scan_time',
        'float32 range_min',
        'float32 range_max',
        'float32[] ranges',
        'float32[] intensities',
      ],
    ],
    ['geometry_msgs/Vector3', ['float64 x', 'float64 y', 'float64 z']],
    ['geometry_msgs/Quaternion', ['float64 x 0', 'float64 y 0', 'float64 z 0', 'float64 w 1']],
    ['geometry_msgs/Transform', ['geometry_msgs/Vector3 translation', 'geometry_msgs/Quaternion rotation']],
    [
      'geometry_msgs/TransformStamped',
      ['std_msgs/Header header', 'string child_frame_id', 'geometry_msgs/Transform transform'],
    ],
    ['tf2_msgs/TFMessage', ['geometry_msgs/TransformStamped[] transforms']],
    ['geometry_msgs/Point', ['float64 x', 'float64 y', 'float64 z']],
    ['geometry_msgs/Pose', ['geometry_msgs/Point position', 'geometry_msgs/Quaternion orientation']],
    ['geometry_msgs/PoseWithCovariance', ['geometry_msgs/Pose pose', 'float64[36] covariance']],
    ['geometry_msgs/Twist', ['geometry_msgs/Vector3 linear', 'geometry_msgs/Vector3 angular']],
    ['geometry_msgs/TwistWithCovariance', ['geometry_msgs/Twist twist', 'float64[36] covariance']],
    ['geometry_msgs/TwistStamped', ['std_msgs/Header header', 'geometry_msgs/Twist twist']],
    ['geometry_msgs/PoseStamped', ['std_msgs/Header header', 'geometry_msgs/Pose pose']],
    [
      'nav_msgs/Odometry',
      [
        'std_msgs/Header header',
        'string child_frame_id',
        'geometry_msgs/PoseWithCovariance pose',
        'geometry_msgs/TwistWithCovariance twist',
      ],
    ],
    [
      'diagnostic_msgs/DiagnosticArray',
      ['std_msgs/Header header', 'diagnostic_msgs/DiagnosticStatus[] status'],
    ],
    [
      'diagnostic_msgs/DiagnosticStatus',
      [
        'byte OK=0',
        'byte WARN=1',
        'byte ERROR=2',
        'byte STALE=3',
        'byte level',
        'string name',
        'string message',
        'string hardware_id',
        'diagnostic_msgs/KeyValue[] values',
      ],
    ],
    ['diagnostic_msgs/KeyValue', ['string key', 'string value']],
    [
      'bond/Status',
      [
        'std_msgs/Header header',
        'string id',
        'string instance_id',
        'bool active',
        'float32 heartbeat_timeout',
        'float32 heartbeat_period',
      ],
    ],
    [
      'vision_msgs/LabelInfo',
      ['std_msgs/Header header', 'vision_msgs/VisionClass[] class_map', 'float32 threshold'],
    ],
    [
      'rxdepth_msgs/PerceptionStatus',
      [
        'std_msgs/Header header',
        'string model_name',
        'string model_version',
        'string provider',
        'string device',
        'float32 input_rate_hz',
        'float32 output_rate_hz',
        'uint32 frames_in',
        'uint32 frames_out',
        'uint32 frames_dropped',
        'uint32 frames_failed',
        'float32 latency_p50_ms',
        'float32 latency_p95_ms',
        'float32 scale',
        'string scale_source',
        'float32 dc_lambda',
      ],
    ],
    [
      'rxdepth_msgs/AdaptationStatus',
      [
        'std_msgs/Header header',
        'uint8 IDLE=0',
        'uint8 RUNNING=1',
        'uint8 PROMOTED=2',
        'uint8 REJECTED=3',
        'uint8 FAILED=4',
        'uint8 state',
        'string bag',
        'string message',
        'float32 elapsed_s',
      ],
    ],
    ['vision_msgs/Detection3DArray', ['std_msgs/Header header', 'vision_msgs/Detection3D[] detections']],
    [
      'vision_msgs/Detection3D',
      [
        'std_msgs/Header header',
        'vision_msgs/ObjectHypothesisWithPose[] results',
        'vision_msgs/BoundingBox3D bbox',
        'string id',
      ],
    ],
    [
      'vision_msgs/ObjectHypothesisWithPose',
      ['vision_msgs/ObjectHypothesis hypothesis', 'geometry_msgs/PoseWithCovariance pose'],
    ],
    ['vision_msgs/ObjectHypothesis', ['string class_id', 'float64 score']],
    ['vision_msgs/BoundingBox3D', ['geometry_msgs/Pose center', 'geometry_msgs/Vector3 size']],
    ['builtin_interfaces/Duration', ['int32 sec', 'uint32 nanosec']],
    ['std_msgs/ColorRGBA', ['float32 r', 'float32 g', 'float32 b', 'float32 a']],
    ['visualization_msgs/MarkerArray', ['visualization_msgs/Marker[] markers']],
    [
      'visualization_msgs/Marker',
      [
        'int32 ARROW=0',
        'int32 CUBE=1',
        'int32 SPHERE=2',
        'int32 CYLINDER=3',
        'int32 LINE_STRIP=4',
        'int32 LINE_LIST=5',
        'int32 CUBE_LIST=6',
        'int32 SPHERE_LIST=7',
        'int32 POINTS=8',
        'int32 TEXT_VIEW_FACING=9',
        'int32 MESH_RESOURCE=10',
        'int32 TRIANGLE_LIST=11',
        'int32 ARROW_STRIP=12',
        'int32 ADD=0',
        'int32 MODIFY=0',
        'int32 DELETE=2',
        'int32 DELETEALL=3',
        'std_msgs/Header header',
        'string ns',
        'int32 id',
        'int32 type',
        'int32 action',
        'geometry_msgs/Pose pose',
        'geometry_msgs/Vector3 scale',
        'std_msgs/ColorRGBA color',
        'builtin_interfaces/Duration lifetime',
        'bool frame_locked',
        'geometry_msgs/Point[] points',
        'std_msgs/ColorRGBA[] colors',
        'string texture_resource',
        'sensor_msgs/CompressedImage texture',
        'visualization_msgs/UVCoordinate[] uv_coordinates',
        'string text',
        'string mesh_resource',
        'visualization_msgs/MeshFile mesh_file',
        'bool mesh_use_embedded_materials',
      ],
    ],
    ['visualization_msgs/UVCoordinate', ['float32 u', 'float32 v']],
    ['visualization_msgs/MeshFile', ['string filename', 'uint8[] data']],
    ['vision_msgs/VisionClass', ['uint16 class_id', 'string class_name']],
  ].map(([name, lines]) => [name as string, (lines as string[]).join('\n')]),
);

const SEPARATOR = '='.repeat(80);

/**
 * The definition of `root`, followed by all types that it uses. A line of 80 `=` and `MSG: package/Name` precede each.
 * Source: MCAP specification, well-known schema encodings, `ros2msg`.
 *
 * @param root short name, such as `sensor_msgs/Image`, of a known type or of `text`
 * @param text the definition of a type outside the list above
 * @throws MessageError if a definition is missing.
 */
export function ros2msg(root: string, text = DEFINITIONS.get(root)): string {
  if (text === undefined)
    throw new MessageError(`no definition of ${root}: expected a type that is known, or its text`);
  const parts = [text.trimEnd()];
  const seen = new Set([root]);
  const queue = dependencies(text);
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const definition = DEFINITIONS.get(name);
    if (definition === undefined) throw new MessageError(`no definition of ${name}, which ${root} uses`);
    parts.push(`${SEPARATOR}\nMSG: ${name}\n${definition}`);
    queue.push(...dependencies(definition));
  }
  return `${parts.join('\n\n')}\n`;
}

/** Types written as `package/Name` at the start of a line. */
function dependencies(text: string): string[] {
  return [...text.matchAll(/^\s*([a-z][a-z0-9_]*\/[A-Z]\w*)(?:\[\d*\])?\s/gm)].map((match) => match[1] ?? '');
}
