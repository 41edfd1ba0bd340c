import { rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import sharp from 'sharp';
import { BagWriter } from '../../../../msgs/bag/bag-writer.js';
import { codecFor } from '../../../../msgs/codecs.js';
import { preparePictures } from '../../../../training/datasets/prepare/prepare-pictures.js';
import type { SizedPreparation } from '../../../../training/datasets/prepare/prepared-data.js';
import {
  StoredSamples,
  type StoredSamplesOptions,
} from '../../../../training/datasets/stores/stored-samples.js';
import { TrainingError } from '../../../../training/errors.js';
import { write, writeColor } from '../files/write-gray-png.js';
import { DATE, DRIVE, writeKittiRaw } from '../kitti/kitti-tree.js';
import { temporaryFolder } from '../samples.js';

const root = temporaryFolder();
test.after.always(() => rm(root, { recursive: true, force: true }));

/** Stored pictures are 40x20. */
const preparation = (name: string): SizedPreparation => ({
  ...{ width: 32, height: 16, seed: 1, workers: 1, folder: path.join(root, `${name}-prepared`) },
  report: () => undefined,
});

async function read(options: StoredSamplesOptions) {
  const samples = new StoredSamples(options);
  const all = await Promise.all(Array.from({ length: samples.count }, (_, i) => samples.read(i)));
  samples.close();
  return all;
}

const reds = async (options: StoredSamplesOptions) => (await read(options)).map(({ rgb }) => rgb[0]);

test('a folder of pictures needs nothing beside them: any size, folders within, cropped and never stretched', async (t) => {
  const place = path.join(root, 'folder');
  await writeColor(path.join(place, 'b.png'), [20, 40], [20, 0, 0]);
  await writeColor(path.join(place, 'a', 'deep', 'first.JPG'), [90, 90], [10, 0, 0]);
  await writeColor(path.join(place, '.hidden', 'x.png'), [9, 9], [99, 0, 0]);
  await write(path.join(place, 'notes.txt'), 'no picture');
  // Twice as high as the network sees: the middle half is what is left of it.
  const rows = new Uint8Array(40 * 40 * 3);
  for (let i = 0; i < rows.length; i++) rows[i] = Math.floor(i / (40 * 3));
  const image = sharp(rows, { raw: { width: 40, height: 40, channels: 3 } });
  await write(path.join(place, 'c.png'), await image.png().toBuffer());
  await writeColor(path.join(place, 'd.png'), [20, 40], [40, 0, 0]);
  const { kind, training, heldOut, crop } = await preparePictures(`pictures:${place}`, preparation('folder'));
  t.is(kind, 'pictures');
  t.deepEqual(crop, [0.8, 1]);
  const [first, second, third] = await read(training);
  t.true(Math.abs((first?.rgb[0] ?? 0) - 10) <= 2, 'jpeg');
  t.is(second?.rgb[0], 20);
  t.deepEqual([third?.rgb[0], third?.rgb.at(-1)], [10, 29], 'rows 10 to 29 of 40');
  t.deepEqual(await reds(heldOut), [40], 'the last fifth, at least one');
  t.true((await read(training)).every(({ depthMeters }) => depthMeters.every(Number.isNaN)));
});

test('a picture that changed is prepared again, one that cannot be read is named', async (t) => {
  const place = path.join(root, 'changes');
  for (const name of ['a.png', 'b.png']) await writeColor(path.join(place, name), [20, 40], [1, 0, 0]);
  const spec = `pictures:${place}`;
  t.deepEqual(await reds((await preparePictures(spec, preparation('changes'))).training), [1]);
  await writeColor(path.join(place, 'a.png'), [30, 60], [2, 0, 0]);
  t.deepEqual(await reds((await preparePictures(spec, preparation('changes'))).training), [2]);
  await write(path.join(place, 'a.png'), 'not a picture');
  await t.throwsAsync(preparePictures(spec, preparation('changes')), {
    message: /changes\/a\.png cannot be read/,
  });
});

test('what is no folder of pictures, or leaves nothing to learn from, is refused by name', async (t) => {
  const refused = (spec: string, message: RegExp) =>
    t.throwsAsync(async () => preparePictures(spec, preparation('none')), {
      instanceOf: TrainingError,
      message,
    });
  await refused(
    `pictures:${path.join(root, 'nowhere')}`,
    /nowhere is no folder; expected a folder of pictures/,
  );
  await write(path.join(root, 'texts', 'a.txt'), 'a');
  await refused(
    `pictures:${path.join(root, 'texts')}`,
    /texts holds no pictures; expected files ending in `\.png`/,
  );
  await writeColor(path.join(root, 'one', 'a.png'), [20, 40], [1, 0, 0]);
  await refused(`pictures:${path.join(root, 'one')}`, /expected more than `1` pictures.*got 1/);
  await refused(
    `pictures:${path.join(root, 'one')}?every=2`,
    /expected options among `validation`, got `every`/,
  );
  await refused('films:x', /--target: expected .*`pictures:\.\.\.`.*`kitti-raw:\.\.\.`.*got `films:x`/);
});

test('pictures of KITTI raw need neither LiDAR nor neighbours', async (t) => {
  const place = path.join(root, 'kitti');
  await writeKittiRaw(place);
  await rm(path.join(place, DATE, 'calib_velo_to_cam.txt'));
  await rm(path.join(place, DATE, DRIVE, 'velodyne_points'), { recursive: true });
  const { training, heldOut } = await preparePictures(
    `kitti-raw:${place}?validation=1`,
    preparation('kitti'),
  );
  t.deepEqual([await reds(training), await reds(heldOut)], [[0, 50, 100], [150]]);
});

test('pictures of a bag are taken without calibration where it has none, and thinned out', async (t) => {
  const bag = path.join(root, 'drive');
  const type = 'sensor_msgs/msg/Image';
  const codec = codecFor(type);
  if (codec === undefined) return t.fail();
  const writer = await BagWriter.create(bag, {});
  const channel = await writer.addTopic({ topic: '/camera/image', type, definition: codec.definition });
  for (let i = 0; i < 7; i++) {
    const header = { stamp: { sec: 1 + i, nanosec: 0 }, frame_id: 'camera' };
    const data = new Uint8Array(40 * 20 * 3).fill(10 * i);
    const image = { header, height: 20, width: 40, encoding: 'rgb8', is_bigendian: 0, step: 120, data };
    await writer.write(channel, codec.encode(image), BigInt(1 + i) * 1_000_000_000n);
  }
  await writer.close();
  const said: string[] = [];
  const { training, heldOut } = await preparePictures(`bag:${bag}?every=2`, {
    ...preparation('bag'),
    report: (line) => void said.push(line),
  });
  t.deepEqual([await reds(training), await reds(heldOut)], [[0, 20, 40], [60]]);
  t.regex(said.join('\n'), /pictures are taken as they are, without calibration/);
  await t.throwsAsync(preparePictures(`bag:${bag}?camera_info=/info`, preparation('bag')), {
    message: /\/info/,
  });
});

test('simulated pictures keep their truth aside: only held-out ones have one, and no labelled snapshot is among them', async (t) => {
  const spec = 'simulator:town-clean?samples=1&validation=1';
  const { training, heldOut } = await preparePictures(spec, preparation('simulator'));
  const [[learned], [measured]] = [await read(training), await read(heldOut)];
  t.true(learned?.depthMeters.every(Number.isNaN));
  t.true(learned?.labels.every((label) => label === 255));
  t.true(measured?.depthMeters.some((depth) => depth < 80));
  t.not(training.description.seed, heldOut.description.seed);
  t.true(training.description.seed >= 1_250_000 && heldOut.description.seed < 2_000_000);
});

test('all pictures that cannot be read are named at once, and links that lead nowhere', async (t) => {
  const place = path.join(root, 'broken');
  for (const name of ['a', 'b', 'c']) await writeColor(path.join(place, `${name}.png`), [20, 40], [20, 0, 0]);
  const whole = await sharp(Buffer.alloc(3 * 90 * 90, 7), { raw: { width: 90, height: 90, channels: 3 } })
    .jpeg()
    .toBuffer();
  await write(path.join(place, 'cut.jpg'), whole.subarray(0, 200));
  await write(path.join(place, 'text.png'), 'no picture');
  const error = await t.throwsAsync(preparePictures(`pictures:${place}`, preparation('broken')), {
    instanceOf: TrainingError,
    message: /cut\.jpg cannot be read: .*; mend or remove it\. .*text\.png cannot be read: /,
  });
  t.notRegex(error?.message ?? '', /[abc]\.png/);
  await symlink('nobody.png', path.join(place, 'dead.png'));
  await t.throwsAsync(preparePictures(`pictures:${place}`, preparation('broken')), {
    message: /dead\.png is a link that leads nowhere; mend or remove it/,
  });
});

test('a linked picture counts like any other, and a linked folder leads in no circle', async (t) => {
  const place = path.join(root, 'linked');
  for (const name of ['a', 'b', 'c']) await writeColor(path.join(place, `${name}.png`), [20, 40], [20, 0, 0]);
  await symlink('a.png', path.join(place, 'd.png'));
  await symlink('.', path.join(place, 'round.png'));
  const { training, heldOut } = await preparePictures(`pictures:${place}`, preparation('linked'));
  t.is(training.count + heldOut.count, 4);
});
