import test from 'ava';
import sharp from 'sharp';
import type { Header } from '../../../../msgs/header.js';
import { stampToNs } from '../../../../msgs/stamp.js';
import { RELIABLE } from '../../../../nodes/transport/ros2/qos.js';
import { endsWell, type Heard, type LiveGraph, liveGraph, until } from './live-graph.js';
import { scratchModel } from './scratch-model.js';

const PHASE = { seconds: 1000, width: 64, height: 32 };
/** Pixels of the camera's images. */
const AREA = PHASE.width * PHASE.height;
/** Of jpeg at quality 95 on even squares, whose edges bleed: mean difference of 255. */
const JPEG_ERROR = 10;

interface Bytes {
  readonly bytes: number;
  readonly base64: string;
}

interface Raw {
  readonly header: Header;
  readonly encoding: string;
  readonly data: Bytes;
}

interface Compressed {
  readonly header: Header;
  readonly format: string;
  readonly data: Bytes;
}

interface Both {
  readonly raw: Raw;
  readonly compressed: Compressed;
}

const bytesOf = ({ base64 }: Bytes): Buffer => Buffer.from(base64, 'base64');
const hear = <T>(graph: LiveGraph, topic: string, type: string): Heard<T> =>
  graph.listen<T>(topic, `sensor_msgs/msg/${type}`, { ...RELIABLE, depth: 100 }, 'base64');

/** A raw image and the compressed one of the same stamp; the compressed one has been heard alone before. */
async function both(graph: LiveGraph, said: () => string, topic: string, below: string): Promise<Both> {
  const compressed = hear<Compressed>(graph, `${topic}/${below}`, 'CompressedImage').messages;
  await until(
    () => compressed.length > 0,
    () => `${topic}/${below}; the node said ${said()}`,
  );
  const raw = hear<Raw>(graph, topic, 'Image').messages;
  const found = () => {
    for (const one of raw) {
      const stampNs = stampToNs(one.header.stamp);
      const other = compressed.find(({ header }) => stampToNs(header.stamp) === stampNs);
      if (other !== undefined) return { raw: one, compressed: other };
    }
    return undefined;
  };
  await until(
    () => found() !== undefined,
    () => `${topic} and ${below} of one stamp; the node said ${said()}`,
  );
  const pair = found();
  if (pair === undefined) throw new Error('found a moment ago');
  return pair;
}

test.serial('compressed outputs are heard on a graph, and hold what the raw ones hold', async (t) => {
  const graph = await liveGraph(t);
  if (graph === undefined) return;
  const node = graph.perception({ model: await scratchModel(t), compressed_outputs: true });
  await node.says(/configured/);
  graph.camera({ hz: 10, phases: [PHASE] });
  const said = () => node.said;

  for (const topic of ['segmentation/labels', 'dynamic/mask']) {
    const { raw, compressed } = await both(graph, said, topic, 'compressed');
    t.is(compressed.format, 'mono8; png compressed ');
    const { data, info } = await sharp(bytesOf(compressed.data))
      .extractChannel(0)
      .raw()
      .toBuffer({ resolveWithObject: true });
    t.like(info, { width: PHASE.width, height: PHASE.height });
    t.true(data.equals(bytesOf(raw.data)), topic);
    t.true(new Set(data).size > 1, `${topic} is no even picture`);
  }

  const colours = await both(graph, said, 'segmentation/color', 'compressed');
  t.is(colours.compressed.format, 'rgb8; jpeg compressed bgr8');
  const decoded = await sharp(bytesOf(colours.compressed.data)).raw().toBuffer();
  const original = bytesOf(colours.raw.data);
  t.is(decoded.length, AREA * 3);
  const difference = (channel: (index: number) => number) =>
    decoded.reduce((sum, value, index) => sum + Math.abs(value - (original[channel(index)] ?? 0)), 0) /
    decoded.length;
  const error = difference((index) => index);
  t.true(error < JPEG_ERROR, `${error}`);
  const exchanged = difference((index) => index + 2 - 2 * (index % 3));
  t.true(exchanged > 2 * JPEG_ERROR, `${exchanged} with red and blue exchanged: the bound says little`);

  const depth = await both(graph, said, 'depth/image', 'compressedDepth');
  t.is(depth.compressed.format, '32FC1; compressedDepth png');
  const packed = bytesOf(depth.compressed.data);
  // Source: compressed_depth_image_transport, struct ConfigHeader { int32 format; float depthParam[2]; }, inverse depth.
  const [a, b] = [packed.readFloatLE(4), packed.readFloatLE(8)];
  const picture = sharp(packed.subarray(12)).toColourspace('grey16').raw({ depth: 'ushort' });
  const numbers = new Uint16Array(new Uint8Array(await picture.toBuffer()).buffer);
  const metres = bytesOf(depth.raw.data);
  t.is(numbers.length, AREA);
  let finite = 0;
  numbers.forEach((number, index) => {
    const metre = metres.readFloatLE(index * 4);
    if (!(metre < 100)) {
      t.is(number, 0, 'what has no depth');
      return;
    }
    finite += 1;
    t.true(Math.abs(a / (number - b) - metre) <= metre ** 2 / 10100 + 1e-4, `${number} is not ${metre} m`);
  });
  t.true(finite > AREA / 2, `${finite} of ${AREA}`);
  await endsWell(t, node, 'SIGINT');
});
