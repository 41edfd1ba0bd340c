import type { CameraInfo } from '../../msgs/camera-info.js';
import type { Image } from '../../msgs/image.js';
import { nsToStamp } from '../../msgs/stamp.js';
import type { InputMessage } from '../../nodes/transport/transport.js';
import { TEST_HEIGHT, TEST_WIDTH } from './test-model.js';

export const SECOND = 1_000_000_000n;

export interface TestImageOptions {
  readonly stampNs?: bigint;
  readonly frame_id?: string;
  readonly width?: number;
  readonly height?: number;
  /** Grey value of a pixel, 0..255; by default a horizontal ramp. */
  readonly grey?: (row: number, column: number) => number;
}

/** Grey value of the default test image. */
export const ramp = (_row: number, column: number): number => column * 4;

/** A grey picture as rgb8 with two bytes of padding a row. */
export function testImage(options: TestImageOptions = {}): Image {
  const {
    stampNs = SECOND,
    frame_id = 'camera',
    width = TEST_WIDTH,
    height = TEST_HEIGHT,
    grey = ramp,
  } = options;
  const step = width * 3 + 2;
  const data = new Uint8Array(step * height).fill(77);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      data.fill(grey(row, column), row * step + column * 3, row * step + column * 3 + 3);
    }
  }
  return {
    header: { stamp: nsToStamp(stampNs), frame_id },
    height,
    width,
    encoding: 'rgb8',
    is_bigendian: 0,
    step,
    data,
  };
}

/** Intrinsics with fx = fy = 50, the test model's canonical focal length. */
export function testInfo(
  options: { stampNs?: bigint; frame_id?: string; width?: number; height?: number } = {},
): CameraInfo {
  const { stampNs = SECOND, frame_id = 'camera', width = TEST_WIDTH, height = TEST_HEIGHT } = options;
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  return {
    header: { stamp: nsToStamp(stampNs), frame_id },
    ...{ height, width, distortion_model: 'plumb_bob', d: [0, 0, 0, 0, 0] },
    k: [50, 0, cx, 0, 50, cy, 0, 0, 1],
    r: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    p: [50, 0, cx, 0, 0, 50, cy, 0, 0, 0, 1, 0],
    ...{ binning_x: 0, binning_y: 0 },
    roi: { x_offset: 0, y_offset: 0, height: 0, width: 0, do_rectify: false },
  };
}

/** Wraps a message with a header as a transport delivers it. */
export function delivered<
  T extends { readonly header: { readonly stamp: { sec: number; nanosec: number } } },
>(message: T, topic: string, type = 'sensor_msgs/msg/Image'): InputMessage<T> {
  const { sec, nanosec } = message.header.stamp;
  const stampNs = BigInt(sec) * SECOND + BigInt(nanosec);
  return { topic, type, stampNs, logTimeNs: stampNs, message };
}
