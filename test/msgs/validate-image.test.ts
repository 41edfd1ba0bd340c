import test from 'ava';
import { MessageError } from '../../msgs/errors.js';
import type { Image } from '../../msgs/image.js';
import { imageEncoding, SUPPORTED_ENCODINGS } from '../../msgs/image-encoding.js';
import { validateImage } from '../../msgs/validate-image.js';

function image(changes: Partial<Image>): Image {
  const header = { stamp: { sec: 0, nanosec: 0 }, frame_id: 'front_camera' };
  return {
    ...{ header, height: 2, width: 4, encoding: 'rgb8', is_bigendian: 0, step: 12, data: new Uint8Array(24) },
    ...changes,
  };
}

function refused(changes: Partial<Image>): string {
  try {
    validateImage(image(changes));
  } catch (error) {
    if (error instanceof MessageError) return error.message;
  }
  return 'accepted';
}

test('a well-formed image is accepted, with row padding and surplus data too', (t) => {
  t.is(validateImage(image({})).name, 'rgb8');
  t.is(validateImage(image({ step: 16, data: new Uint8Array(40) })).bytesPerPixel, 3);
});

test('an image without pixels is refused', (t) => {
  t.regex(refused({ width: 0 }), /front_camera.*0 x 2/);
  t.regex(refused({ height: 0 }), /4 x 0/);
});

test('an unknown encoding is refused with the list of those that work', (t) => {
  const message = refused({ encoding: 'yuv411' });
  t.regex(message, /"yuv411"/);
  for (const name of SUPPORTED_ENCODINGS) t.true(message.includes(name), name);
});

test('a step shorter than a row is refused with both lengths', (t) => {
  t.regex(refused({ step: 11 }), /`step` of at least 12 .* got 11/);
});

test('data that end before the last row are refused with both lengths', (t) => {
  t.regex(refused({ data: new Uint8Array(23) }), /24 bytes.*got 23/);
});

test('a yuv422 row of odd width holds whole pairs of pixels', (t) => {
  const odd = { width: 3, encoding: 'yuv422', data: new Uint8Array(16) };
  t.regex(refused({ ...odd, step: 6 }), /`step` of at least 8 \(3 pixels of yuv422, in whole pairs\), got 6/);
  t.is(validateImage(image({ ...odd, step: 8 })).name, 'yuv422');
  t.regex(refused({ width: 4, encoding: 'yuyv', step: 7 }), /at least 8 \(4 pixels of yuyv\), got 7/);
});

test('channel orders pick red, green and blue out of each pixel', (t) => {
  // One orange pixel (r 255, g 128, b 0) as each encoding stores it.
  const pixels: Record<string, number[]> = {
    rgb8: [255, 128, 0],
    bgr8: [0, 128, 255],
    rgba8: [255, 128, 0, 9],
    bgra8: [0, 128, 255, 9],
    '8UC3': [0, 128, 255],
    '8UC4': [0, 128, 255, 9],
  };
  for (const [name, bytes] of Object.entries(pixels)) {
    const encoding = imageEncoding(name);
    t.is(encoding?.bytesPerPixel, bytes.length, name);
    t.deepEqual(
      encoding?.channelOrder?.map((index) => bytes[index]),
      [255, 128, 0],
      name,
    );
  }
  t.deepEqual(imageEncoding('mono8')?.channelOrder, [0, 0, 0]);
});

test('bytes a pixel are those of the channels of 8, 16 or 32 bits', (t) => {
  const bytes = { mono16: 2, rgb16: 6, bgr16: 6, rgba16: 8, bgra16: 8, '16UC1': 2, '16UC3': 6, '16UC4': 8 };
  for (const [name, wanted] of Object.entries(bytes)) {
    t.is(imageEncoding(name)?.bytesPerPixel, wanted, name);
    t.is(imageEncoding(name)?.bytesPerChannel, 2, name);
  }
  t.is(imageEncoding('32FC1')?.bytesPerPixel, 4);
  t.is(imageEncoding('bayer_grbg8')?.bytesPerPixel, 1);
});
