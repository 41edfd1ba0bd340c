import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import sharp from 'sharp';
import { openBag } from '../../../../msgs/bag/open-bag.js';
import type { CameraSettings } from '../../../../msgs/camera/camera-settings.js';
import { driveCamera, driveImages } from '../../../../training/adaptation/drive/read-drive.js';
import { parseDataSpec } from '../../../../training/datasets/data-spec.js';
import { bagSource } from '../../../../training/evaluation/sources/bag-source.js';
import { calibrationPictures } from '../../../../training/quantization/calibration-pictures.js';
import {
  CAMERA_INFO,
  COMPRESSED,
  IMAGE,
  logTime,
  type RecordedMessage,
  writeTestBag,
} from '../../../nodes/test-bag.js';
import { testInfo } from '../../../nodes/test-messages.js';

const [WIDTH, HEIGHT] = [8, 4];
/** Half of what 12 bits hold. */
const HALF = 2048;

/** A bag of one picture of 12 bits in 16, without camera_info, and a jpeg beside it. */
async function recording(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-camera-settings-'));
  const stamp = { sec: 100, nanosec: 0 };
  const header = { stamp, frame_id: 'eye' };
  const data = new Uint8Array(new Uint16Array(WIDTH * HEIGHT).fill(HALF).buffer);
  const size = { height: HEIGHT, width: WIDTH, is_bigendian: 0 };
  const grey = { ...{ header, ...size, encoding: 'mono16', step: WIDTH * 2, data } };
  const meters = new Float32Array(WIDTH * HEIGHT).fill(5);
  const depth = {
    ...{ header, ...size, encoding: '32FC1', step: WIDTH * 4, data: new Uint8Array(meters.buffer) },
  };
  const create = { width: WIDTH, height: HEIGHT, channels: 3, background: '#808080' } as const;
  const jpeg = { header, format: 'jpeg', data: new Uint8Array(await sharp({ create }).jpeg().toBuffer()) };
  const messages: readonly RecordedMessage[] = [
    { topic: '/eye/image_raw', type: IMAGE, logTimeNs: logTime(0), message: grey },
    { topic: '/other/image_raw/compressed', type: COMPRESSED, logTimeNs: logTime(0), message: jpeg },
    { topic: '/camera/depth', type: IMAGE, logTimeNs: logTime(0), message: depth },
    // Of the other camera.
    { topic: '/other/camera_info', type: CAMERA_INFO, logTimeNs: logTime(0), message: testInfo() },
  ];
  return await writeTestBag(path.join(folder, 'bag'), messages);
}

const INTRINSICS = { fx: 20, fy: 21, cx: 3, cy: 2 };
const SAID: CameraSettings = { image: '/eye/image_raw', intrinsics: INTRINSICS, bitDepth: 12 };
/** 2048 of 4095 is the grey that 128 of 255 is, as far as 8 bits tell. */
const GREY = [127, 128];

test('adapt, quantize and evaluate read the images as they are told to, without a camera_info', async (t) => {
  const place = await recording();
  t.teardown(() => rm(path.dirname(place), { recursive: true }));

  const bag = await openBag(place);
  const camera = await driveCamera(bag, SAID);
  t.like(camera.info, { width: WIDTH, height: HEIGHT, header: { frame_id: 'eye' } });
  t.deepEqual(camera.model.intrinsics, INTRINSICS);
  let images = 0;
  for await (const { picture } of driveImages(bag, camera, () => true, { undecodable: 0, outOfOrder: 0 })) {
    t.true(GREY.includes(picture.rgb[0] ?? 0), `${picture.rgb[0]}`);
    images += 1;
  }
  t.is(images, 1);
  await bag.close();

  const [calibrating] = await calibrationPictures([place], 1, SAID);
  t.true(GREY.includes(calibrating?.picture.rgb[0] ?? 0));
  t.deepEqual(calibrating?.intrinsics, INTRINSICS);

  const spec = `bag:${place}?image=/eye/image_raw&intrinsics=20,21,3,2&bit_depth=12&depth=/camera/depth`;
  const source = await bagSource(parseDataSpec(spec));
  for await (const { picture, intrinsics } of source.frames()) {
    t.true(GREY.includes(picture.rgb[0] ?? 0));
    t.deepEqual(intrinsics, INTRINSICS);
  }
  await source.close();
});

test('a picture above the limit of pixels is left out by adapt and refused by evaluate', async (t) => {
  const place = await recording();
  t.teardown(() => rm(path.dirname(place), { recursive: true }));
  const image = '/other/image_raw/compressed';
  const bag = await openBag(place);
  const skipped = { undecodable: 0, outOfOrder: 0 };
  const camera = await driveCamera(bag, { image, intrinsics: INTRINSICS, maxPixels: WIDTH * HEIGHT - 1 });
  for await (const _ of driveImages(bag, camera, () => true, skipped)) t.fail();
  t.is(skipped.undecodable, 1);
  await bag.close();
  const source = await bagSource(
    parseDataSpec(`bag:${place}?image=${image}&intrinsics=20,21,3,2&max_pixels=31&depth=/camera/depth`),
  );
  await t.throwsAsync(
    async () => {
      for await (const _ of source.frames()) t.fail();
    },
    { message: /8 x 4 pixels, more than `31`.*--max-pixels/ },
  );
  await source.close();
});

test('wrong options of a camera in a data set are refused by name', async (t) => {
  for (const [option, says] of [
    ['bit_depth=17', /bag: `bit_depth`: expected `a whole number from 1 to 16`, got `17`/],
    ['max_pixels=0', /bag: `max_pixels`: expected `a whole number from 1 to/],
    ['intrinsics=1,2', /bag: `intrinsics`: expected `fx,fy,cx,cy`/],
    ['camera_kind=fish', /bag: expected `camera_kind` to be `raw` or `rectified`/],
  ] as const) {
    const place = await recording();
    t.teardown(() => rm(path.dirname(place), { recursive: true }));
    await t.throwsAsync(bagSource(parseDataSpec(`bag:${place}?${option}`)), {
      name: 'TrainingError',
      message: says,
    });
  }
});
