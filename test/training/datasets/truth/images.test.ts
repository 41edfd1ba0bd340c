import test from 'ava';
import type { Image } from '../../../../msgs/image.js';
import { rgbPicture } from '../../../../msgs/picture/rgb-picture.js';
import { sparseFromDense } from '../../../../training/datasets/stores/sparse-depth.js';
import { depthOfImage } from '../../../../training/datasets/truth/depth-image.js';
import { labelsOfImage } from '../../../../training/datasets/truth/label-image.js';
import { TrainingError } from '../../../../training/errors.js';
import { depthErrorPicture } from '../../../../training/evaluation/panels/depth-error-picture.js';

function image({
  encoding,
  size: [width, height],
  step,
  data,
  big = 0,
}: {
  readonly encoding: string;
  readonly size: readonly [width: number, height: number];
  readonly step: number;
  readonly data: Uint8Array;
  readonly big?: number;
}): Image {
  const header = { stamp: { sec: 0, nanosec: 0 }, frame_id: 'camera' };
  return { header, width, height, step, encoding, is_bigendian: big, data };
}

test('32FC1 depth is read with row padding, from unaligned bytes, in both byte orders', (t) => {
  for (const littleEndian of [true, false]) {
    const bytes = new Uint8Array(1 + 2 * 12);
    const view = new DataView(bytes.buffer, 1);
    [1.5, Number.POSITIVE_INFINITY].forEach((value, i) => {
      view.setFloat32(i * 4, value, littleEndian);
    });
    [Number.NaN, 80].forEach((value, i) => {
      view.setFloat32(12 + i * 4, value, littleEndian);
    });
    const depth = depthOfImage(
      image({
        ...{ encoding: '32FC1', size: [2, 2], step: 12, data: bytes.subarray(1), big: littleEndian ? 0 : 1 },
      }),
      '/depth',
    );
    t.deepEqual([...depth], [1.5, Number.POSITIVE_INFINITY, Number.NaN, 80]);
  }
});

test('16UC1 depth is millimetres and 0 is invalid', (t) => {
  const data = new Uint8Array(Uint16Array.of(0, 1234, 65535).buffer);
  const depth = depthOfImage(image({ encoding: '16UC1', size: [3, 1], step: 6, data }), '/depth');
  t.deepEqual([...depth], [Number.NaN, Math.fround(1.234), Math.fround(65.535)]);
});

test('labels lose their row padding', (t) => {
  t.deepEqual(
    [
      ...labelsOfImage(
        image({ encoding: 'mono8', size: [2, 2], step: 3, data: Uint8Array.of(1, 2, 0, 3, 4, 0) }),
        '/l',
      ),
    ],
    [1, 2, 3, 4],
  );
});

test('other encodings and short data are errors that name the topic', (t) => {
  const options = { instanceOf: TrainingError, message: /^\/x: / };
  t.throws(
    () => depthOfImage(image({ encoding: 'rgb8', size: [1, 1], step: 3, data: new Uint8Array(3) }), '/x'),
    options,
  );
  t.throws(
    () => depthOfImage(image({ encoding: '32FC1', size: [2, 2], step: 8, data: new Uint8Array(15) }), '/x'),
    options,
  );
  t.throws(
    () => depthOfImage(image({ encoding: '32FC1', size: [2, 1], step: 4, data: new Uint8Array(8) }), '/x'),
    options,
  );
  t.throws(
    () => labelsOfImage(image({ encoding: 'rgb8', size: [1, 1], step: 3, data: new Uint8Array(3) }), '/x'),
    options,
  );
  t.throws(
    () => labelsOfImage(image({ encoding: 'mono8', size: [2, 2], step: 2, data: new Uint8Array(3) }), '/x'),
    options,
  );
});

test('errors are drawn green where right, red where far off and magenta where nothing was predicted', (t) => {
  const truth = sparseFromDense(
    new Float32Array(15 * 3).fill(0).map((_, i) => (i % 5 === 2 && i > 14 && i < 30 ? 10 : 0)),
    3,
    15,
  );
  const predicted = new Float32Array(45).fill(10);
  predicted[15 + 7] = 30;
  predicted[15 + 12] = Number.NaN;
  const picture = depthErrorPicture(rgbPicture(15, 3), truth, predicted, 80);
  const at = (column: number) => [...picture.rgb.subarray((15 + column) * 3, (15 + column) * 3 + 3)];
  t.deepEqual(at(2), [0, 210, 30]);
  t.deepEqual(at(7), [255, 0, 30]);
  t.deepEqual(at(12), [255, 0, 255]);
  t.deepEqual(at(0), [0, 0, 0]);
});
