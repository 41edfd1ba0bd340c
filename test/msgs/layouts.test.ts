import { parse } from '@foxglove/rosmsg';
import { MessageWriter } from '@foxglove/rosmsg2-serialization';
import test from 'ava';
import { MessageError } from '../../msgs/errors.js';
import { imageCodec } from '../../msgs/image.js';
import { layoutImage, writeImageAround } from '../../msgs/image-layout.js';
import { pointCloud2Codec } from '../../msgs/point-cloud2.js';
import { layoutPointCloud2, writePointCloud2Around } from '../../msgs/point-cloud2-layout.js';

const STAMP = { sec: 1317617735, nanosec: 123456789 };

/** Every remainder mod 8 of the length of two strings, empty ones included. */
const LENGTHS = Array.from({ length: 18 }, (_, length) => length);
const ENCODINGS = ['rgb8', 'mono8', '32FC1', 'bayer_rggb8', 'yuv422_yuy2'];

test('an image written around its data equals the bytes of the Foxglove writer, for frame ids of any length', (t) => {
  const writer = new MessageWriter(parse(imageCodec.definition, { ros2: true }));
  for (const length of LENGTHS) {
    for (const encoding of ENCODINGS) {
      const [height, width, step] = [3, 5, 24];
      const image = {
        header: { stamp: STAMP, frame_id: 'x'.repeat(length) },
        height,
        width,
        encoding,
        is_bigendian: 0,
        step,
      };
      const data = Uint8Array.from({ length: step * height }, (_, i) => i + 1);

      const layout = layoutImage({ frame_id: image.header.frame_id, encoding }, height, width, step);
      const buffer = new ArrayBuffer(layout.bufferOffset + layout.byteLength);
      t.is((layout.bufferOffset + layout.dataOffset) % 16, 0);
      const message = new Uint8Array(buffer, layout.bufferOffset, layout.byteLength).fill(0xee);
      // What onnxruntime does: writes floats straight into the message.
      const floats = new Float32Array(buffer, layout.bufferOffset + layout.dataOffset, data.length / 4);
      floats.set(new Float32Array(data.buffer));
      writeImageAround(message, image);

      t.deepEqual(message, writer.writeMessage({ ...image, data }));
      t.deepEqual(message, imageCodec.encode({ ...image, data }));
    }
  }
});

test('a cloud written around its data equals the bytes of the Foxglove writer, for frame ids of any length', (t) => {
  const writer = new MessageWriter(parse(pointCloud2Codec.definition, { ros2: true }));
  const fields = [
    { name: 'x', offset: 0, datatype: 7, count: 1 },
    { name: 'label', offset: 16, datatype: 2, count: 1 },
  ];
  for (const length of LENGTHS) {
    const cloud = {
      header: { stamp: STAMP, frame_id: 'y'.repeat(length) },
      height: 2,
      width: 3,
      fields,
      is_bigendian: false,
      point_step: 20,
      row_step: 60,
      is_dense: length % 2 === 0,
    };
    const data = Uint8Array.from({ length: 120 }, (_, i) => 255 - i);

    const layout = layoutPointCloud2({ frame_id: cloud.header.frame_id, fields }, 2, 60);
    t.is((layout.bufferOffset + layout.dataOffset) % 16, 0);
    const message = new Uint8Array(layout.byteLength).fill(0xee);
    message.set(data, layout.dataOffset);
    writePointCloud2Around(message, cloud);

    t.deepEqual(message, writer.writeMessage({ ...cloud, data }));
  }
});

test('the same layout serves the next frame of a stream, whatever its stamp', (t) => {
  const image = { height: 1, width: 4, encoding: 'mono8', is_bigendian: 0, step: 4 };
  const { byteLength, dataOffset } = layoutImage({ frame_id: 'cam', encoding: 'mono8' }, 1, 4, 4);
  const message = new Uint8Array(byteLength);
  for (const sec of [1, 2]) {
    const header = { stamp: { sec, nanosec: sec }, frame_id: 'cam' };
    message.set([sec, 2, 3, 4], dataOffset);
    writeImageAround(message, { ...image, header });
    t.deepEqual(imageCodec.decode(message), { ...image, header, data: new Uint8Array([sec, 2, 3, 4]) });
  }
});

test('a buffer of another size is refused', (t) => {
  const header = { stamp: STAMP, frame_id: 'cam' };
  const image = { header, height: 2, width: 4, encoding: 'mono8', is_bigendian: 0, step: 4 };
  t.throws(() => writeImageAround(new Uint8Array(30), image), {
    instanceOf: MessageError,
    message: /layoutImage/,
  });
  const cloud = {
    ...{ header, height: 1, width: 1, fields: [], is_bigendian: false },
    ...{ point_step: 4, row_step: 4, is_dense: true },
  };
  t.throws(() => writePointCloud2Around(new Uint8Array(30), cloud), {
    instanceOf: MessageError,
    message: /layoutPointCloud2/,
  });
});
