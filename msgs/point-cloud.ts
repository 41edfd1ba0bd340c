import { MessageError } from './errors.js';
import type { Header } from './header.js';
import type { ChannelOrder } from './image-encoding.js';
import { layoutPointCloud2, writePointCloud2Around } from './point-cloud2-layout.js';
import { POINT_DATATYPE, type PointField } from './point-field.js';

const { FLOAT32, UINT8 } = POINT_DATATYPE;

/** `rgb` is PCL's: the three bytes 0xRRGGBB of an integer whose four bytes are declared to be a FLOAT32. */
const COLOR_FIELDS: readonly PointField[] = [
  { name: 'x', offset: 0, datatype: FLOAT32, count: 1 },
  { name: 'y', offset: 4, datatype: FLOAT32, count: 1 },
  { name: 'z', offset: 8, datatype: FLOAT32, count: 1 },
  { name: 'rgb', offset: 12, datatype: FLOAT32, count: 1 },
];
const LABEL_BYTES = 4;

/** Fields and bytes of a point: x, y, z, rgb and, where they are known, `label` and `confidence`. */
function pointLayout({ labels, confidence }: Pick<ColorCloud, 'labels' | 'confidence'>): {
  readonly fields: readonly PointField[];
  readonly point_step: number;
} {
  const fields = [...COLOR_FIELDS];
  let point_step = 16;
  if (labels !== undefined) {
    fields.push({ name: 'label', offset: point_step, datatype: UINT8, count: 1 });
    point_step += LABEL_BYTES;
  }
  if (confidence !== undefined) {
    fields.push({ name: 'confidence', offset: point_step, datatype: FLOAT32, count: 1 });
    point_step += 4;
  }
  return { fields, point_step };
}

/** What becomes a cloud: one point for every `stride`-th pixel of every `stride`-th row of the image. */
export interface ColorCloud {
  /** [Hp, Wp, 3] metres in the camera's optical frame, Hp = ceil(height / stride); NaN where there is no point. */
  readonly points: Float32Array;
  /** [height, width] class of every pixel; without it the cloud has no `label` field. */
  readonly labels?: Uint8Array;
  /**
   * [height, width] 0..1 of every pixel, how far its depth may be trusted; without it the cloud has no `confidence` field.
   * Points with less than `least` become NaN.
   */
  readonly confidence?: { readonly values: Float32Array; readonly least: number };
  readonly stride: number;
  /** The camera image: its own bytes, whose encoding has a `channelOrder`. */
  readonly image: {
    readonly data: Uint8Array;
    readonly height: number;
    readonly width: number;
    readonly step: number;
    readonly bytesPerPixel: number;
    readonly channelOrder: ChannelOrder;
  };
}

/**
 * The CDR message of an organised PointCloud2 (x, y, z, rgb and, where they are known, label and confidence), written in one pass.
 *
 * Every field lies at a multiple of its size and points are padded to 4 bytes, so that
 * PCL and RViz copy whole words. `is_dense` is false: absent points are NaN.
 *
 * @param reuse a buffer of an earlier cloud; used when it has the right size
 */
export function encodeColorCloud(header: Header, cloud: ColorCloud, reuse?: ArrayBuffer): Uint8Array {
  const { height, width } = gridSize(cloud);
  const { fields, point_step } = pointLayout(cloud);
  const row_step = point_step * width;
  const layout = layoutPointCloud2({ frame_id: header.frame_id, fields }, height, row_step);
  const size = layout.bufferOffset + layout.byteLength;
  const buffer = reuse?.byteLength === size ? reuse : new ArrayBuffer(size);
  const message = new Uint8Array(buffer, layout.bufferOffset, layout.byteLength);
  const words = (row_step * height) / 4;
  interleave(cloud, new Uint32Array(buffer, layout.bufferOffset + layout.dataOffset, words));
  writePointCloud2Around(message, {
    header,
    height,
    width,
    fields,
    point_step,
    row_step,
    is_bigendian: !LITTLE_ENDIAN_HOST,
    is_dense: false,
  });
  return message;
}

/** The points are written in the host's byte order, which the message states. */
const LITTLE_ENDIAN_HOST = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

function gridSize({ points, labels, confidence, stride, image }: ColorCloud): {
  height: number;
  width: number;
} {
  if (!Number.isInteger(stride) || stride < 1) {
    throw new MessageError(`point cloud: expected \`stride\` to be a positive integer, got ${stride}`);
  }
  const height = Math.ceil(image.height / stride);
  const width = Math.ceil(image.width / stride);
  const expect = (what: string, expected: number, got: number) => {
    if (got < expected)
      throw new MessageError(`point cloud: expected \`${what}\` of ${expected}, got ${got}`);
  };
  if (points.length !== height * width * 3) {
    throw new MessageError(
      `point cloud: expected \`points\` [${height}, ${width}, 3] for an image of ${image.width} x ${image.height} ` +
        `at stride ${stride}, got ${points.length} numbers`,
    );
  }
  if (labels !== undefined) expect('labels', image.height * image.width, labels.length);
  if (confidence !== undefined)
    expect('confidence.values', image.height * image.width, confidence.values.length);
  expect('image.step', image.width * image.bytesPerPixel, image.step);
  expect(
    'image.data',
    image.step * (image.height - 1) + image.width * image.bytesPerPixel,
    image.data.length,
  );
  return { height, width };
}

const NAN_BITS = 0x7fc00000;

/** `out` holds 4 words a point, one more with labels and one with confidence. NaN patterns and colours pass as bits, never as numbers. */
function interleave({ points, labels, confidence, stride, image }: ColorCloud, out: Uint32Array): void {
  const { data, height, width, step, bytesPerPixel } = image;
  const [red, green, blue] = image.channelOrder;
  const xyz = new Uint32Array(points.buffer, points.byteOffset, points.length);
  const trusted = confidence?.values;
  const trustedBits = trusted && new Uint32Array(trusted.buffer, trusted.byteOffset, trusted.length);
  const least = confidence?.least ?? 0;
  const labelShift = LITTLE_ENDIAN_HOST ? 0 : 24; // the label is the first byte of its word, padding the others
  let from = 0;
  let to = 0;
  for (let row = 0; row < height; row += stride) {
    let pixel = row * step;
    for (let column = 0; column < width; column += stride) {
      const start = to;
      out[to] = xyz[from] as number;
      out[to + 1] = xyz[from + 1] as number;
      out[to + 2] = xyz[from + 2] as number;
      out[to + 3] =
        ((data[pixel + red] as number) << 16) |
        ((data[pixel + green] as number) << 8) |
        (data[pixel + blue] as number);
      from += 3;
      to += 4;
      if (labels !== undefined) {
        out[to] = (labels[row * width + column] as number) << labelShift;
        to += 1;
      }
      if (trusted !== undefined && trustedBits !== undefined) {
        const at = row * width + column;
        out[to] = trustedBits[at] as number;
        // Not what is below, but what is not above: NaN is no trust.
        if (least > 0 && !((trusted[at] as number) >= least)) out.fill(NAN_BITS, start, start + 3);
        to += 1;
      }
      pixel += stride * bytesPerPixel;
    }
  }
}
