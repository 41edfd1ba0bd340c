import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import sharp, { type JpegOptions } from 'sharp';
import { decodePicture } from '../../../msgs/picture/decode-picture.js';

const [WIDTH, HEIGHT] = [64, 48];

/** A drawn street: sky, a road that narrows, a car. */
const STREET = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, (_, i) => {
  const [channel, column, row] = [i % 3, Math.floor(i / 3) % WIDTH, Math.floor(i / 3 / WIDTH)];
  if (row < 22) return [120, 160, 220][channel] ?? 0;
  if (row > 26 && row < 36 && column > 40 && column < 54) return [170, 30, 40][channel] ?? 0;
  return Math.abs(column - 32) < row - 16 ? 90 + ((row * 5 + column) % 9) : [60, 120, 50][channel];
});

const street = () => sharp(STREET, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
const jpeg = (options: JpegOptions = {}) =>
  street()
    .jpeg({ quality: 90, ...options })
    .toBuffer();
const png = () => street().png().toBuffer();

test('jpeg and png are decoded under every format that drivers and image_transport write', async (t) => {
  const lossless = await png();
  for (const format of ['png', 'PNG', '.png', 'image/png', 'rgb8; png compressed bgr8', 'bgr8', '']) {
    const { data, warnings } = await decodePicture({ format, data: lossless });
    t.true(Buffer.from(data).equals(STREET), format);
    t.deepEqual(warnings, []);
  }
  const lossy = await jpeg();
  const whole = await sharp(lossy).raw().toBuffer();
  for (const format of ['jpeg', 'jpg', 'mjpeg', 'rgb8; jpeg compressed bgr8', 'bgr8; jpeg compressed', '']) {
    const picture = await decodePicture({ format, data: lossy });
    t.deepEqual([picture.width, picture.height, picture.channels], [WIDTH, HEIGHT, 3]);
    t.true(Buffer.from(picture.data).equals(whole), format);
  }
});

test('a file is what its bytes are; a format that says the other one is a warning', async (t) => {
  const { data, warnings } = await decodePicture({ format: 'jpeg', data: await png() });
  t.true(Buffer.from(data).equals(STREET));
  t.deepEqual(warnings, ['images of `format` jpeg are png files: decoded as what they are']);
});

test('nothing but jpeg and png is decoded, whatever libvips could read', async (t) => {
  const svg = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"><rect width="9" height="9"/></svg>',
  );
  const others = [
    svg,
    await street().webp().toBuffer(),
    await street().gif().toBuffer(),
    await street().tiff().toBuffer(),
    Buffer.from('P6\n1 1\n255\nabc'),
  ];
  for (const data of others) {
    await t.throwsAsync(decodePicture({ format: 'jpeg', data }), {
      name: 'MessageError',
      message: new RegExp(
        `\\(${data.length} bytes\\) cannot be decoded: it is no \`jpeg\` or \`png\`, its data`,
      ),
    });
  }
  await t.throwsAsync(decodePicture({ format: 'jpeg', data: new Uint8Array() }), { message: /no data/ });
});

test('workers that start beside it disturb no decode, and nothing else is read in the process', async (t) => {
  const data = await street().jpeg().toBuffer();
  const module = new URL('../../../msgs/picture/decode-picture.js', import.meta.url).href;
  const worker = () =>
    new Promise((resolve) => {
      new Worker(`import(${JSON.stringify(module)})`, { eval: true }).once('exit', resolve);
    });
  let going = true;
  const decode = async () => {
    while (going) await decodePicture({ format: 'jpeg', data });
  };
  const decoding = Promise.all([decode(), decode(), decode(), decode()]);
  decoding.catch(() => {}); // looked at below
  try {
    for (let round = 0; round < 20; round++) await Promise.all([worker(), worker(), worker()]);
  } finally {
    going = false;
  }
  await t.notThrowsAsync(decoding);
  const webp = await street().webp().toBuffer();
  await t.throwsAsync(sharp(webp).raw().toBuffer(), { message: /unsupported image format|blocked/ });
});

test('a format that announces something else is refused with its name', async (t) => {
  const data = await png();
  for (const [format, reason] of [
    ['svg', /"svg": expected `jpeg` or `png`/],
    ['webp', /"webp"/],
    ['tiff', /"tiff"/],
    ['bgr8; webp compressed bgr8', /webp/],
    ['16UC1; compressedDepth png', /depth image .*no camera picture/],
    ['32FC1; compressedDepth', /depth image/],
    ['h264', /is video; convert it/],
    ['hevc', /is video/],
    ['x'.repeat(1000), /"x{60}\.\.\.": expected/],
  ] as const) {
    await t.throwsAsync(decodePicture({ format, data }), { name: 'MessageError', message: reason }, format);
  }
});

test('a picture of more pixels than the limit is refused by its head', async (t) => {
  const data = await png();
  await t.throwsAsync(decodePicture({ format: 'png', data }, { mostPixels: 3071 }), {
    message: /64 x 48 pixels, more than `3071`; .*--max-pixels/,
  });
  t.is((await decodePicture({ format: 'png', data }, { mostPixels: 3072 })).width, 64);
  const claims = Buffer.from(data);
  claims.writeUInt32BE(16383, 16);
  claims.writeUInt32BE(16383, 20);
  await t.throwsAsync(decodePicture({ format: 'png', data: claims }), { message: /16383 x 16383 pixels/ });
});

test('a jpeg of more scans than a camera makes is refused before it is decoded', async (t) => {
  const data = await jpeg({ progressive: true });
  t.is((await decodePicture({ format: 'jpeg', data })).width, 64);
  const scan = data.lastIndexOf(Buffer.of(0xff, 0xda));
  const bomb = Buffer.concat([
    data.subarray(0, -2),
    ...new Array<Buffer>(200_000).fill(data.subarray(scan, scan + 12)),
    Buffer.of(0xff, 0xd9),
  ]);
  await t.throwsAsync(decodePicture({ format: 'jpeg', data: bomb }), {
    message: /64 x 48 pixels has 2000\d\d scans, more work than any camera's/,
  });
});

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('a decode that does not come to its end is given up', async (t) => {
  t.timeout(120_000);
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-decode-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const [fifo, picture] = [path.join(folder, 'fifo'), path.join(folder, 'picture')];
  execFileSync('mkfifo', [fifo]);
  await writeFile(picture, await png());
  // A process of its own, whose only thread that could decode waits for somebody to write.
  const program = `
    import { closeSync, constants, openSync, readFileSync } from 'node:fs';
    import { open } from 'node:fs/promises';
    import { decodePicture } from '${new URL('../../../msgs/picture/decode-picture.js', import.meta.url)}';
    const [fifo, picture] = process.argv.slice(1);
    const reader = open(fifo, 'r');
    const decoded = decodePicture({ format: 'png', data: readFileSync(picture) }, { mostMs: 20 });
    console.log(await decoded.then(() => 'decoded', (error) => error.message));
    const writer = openSync(fifo, constants.O_RDWR);
    await (await reader).close();
    closeSync(writer);
  `;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', program, fifo, picture],
    { encoding: 'utf8', env: { ...process.env, UV_THREADPOOL_SIZE: '1' } },
  );
  t.is(stdout, 'the png of 64 x 48 pixels was not decoded within `0.02 s` of processor time\n', stderr);
});

// One by one: libvips keeps the reasons of all decodes of a process in one place.

test.serial('a jpeg without its end marker is the whole picture, with a warning', async (t) => {
  for (const options of [{}, { progressive: true }]) {
    const whole = await jpeg(options);
    const wanted = await sharp(whole).raw().toBuffer();
    for (const cut of [2, 1]) {
      const { data, warnings } = await decodePicture({ format: 'jpeg', data: whole.subarray(0, -cut) });
      t.true(Buffer.from(data).equals(wanted));
      t.deepEqual(warnings, ['jpeg images lack their end marker: decoded as if it were there']);
    }
  }
});

test.serial(
  'a jpeg that ends in its last row of blocks keeps all rows above; one that ends before is refused',
  async (t) => {
    const whole = await jpeg();
    const wanted = await sharp(whole).raw().toBuffer();
    const { data, warnings } = await decodePicture({ format: 'jpeg', data: whole.subarray(0, -12) });
    // Colours are interpolated across the border of the blocks: one row less.
    const rows = 31 * WIDTH * 3;
    t.true(Buffer.from(data.subarray(0, rows)).equals(wanted.subarray(0, rows)));
    t.is(warnings.length, 2);
    t.regex(warnings[1] ?? '', /end within their last row of blocks/);
    const half = whole.subarray(0, whole.length >> 1);
    for (const cut of [half, Buffer.concat([half, Buffer.of(0xff, 0xd9)]), whole.subarray(0, 30)]) {
      await t.throwsAsync(decodePicture({ format: 'jpeg', data: cut }), { name: 'MessageError' });
    }
  },
);

/** A flat grey jpeg whose every row of blocks ends with a restart marker, and what stands before each of them. */
async function withRestarts(before: (row: number) => Buffer): Promise<Buffer> {
  const [width, rows] = [64, 4];
  const flat = await sharp({ create: { width, height: rows * 8, channels: 3, background: '#808080' } })
    .toColourspace('b-w')
    .jpeg({ optimiseCoding: false })
    .toBuffer();
  const scan = flat.indexOf(Buffer.of(0xff, 0xda));
  const blocks = width / 8;
  const restartInterval = Buffer.of(0xff, 0xdd, 0, 4, 0, blocks);
  // Eight blocks of (no difference, 00; end of block, 1010) in the Huffman codes of ITU-T T.81, tables K.3 and K.5.
  const row = Buffer.of(0x28, 0xa2, 0x8a, 0x28, 0xa2, 0x8a);
  const body = Array.from({ length: rows }, (_, i) => [
    ...(i === 0 ? [] : [before(i), Buffer.of(0xff, 0xd0 + i - 1)]),
    row,
  ]).flat();
  const head = flat.subarray(scan, scan + 2 + flat.readUInt16BE(scan + 2));
  return Buffer.concat([flat.subarray(0, scan), restartInterval, head, ...body, Buffer.of(0xff, 0xd9)]);
}

test.serial(
  'two bytes too many before a restart marker, as webcams leave them, are one warning whichever marker it is',
  async (t) => {
    const whole = await decodePicture({ format: 'jpeg', data: await withRestarts(() => Buffer.of()) });
    t.deepEqual(whole.warnings, []);
    t.true(whole.data.every((value) => value === 128));
    for (const odd of [1, 2]) {
      const padded = await withRestarts((row) => (row === odd ? Buffer.of(0, 0) : Buffer.of()));
      const { data, warnings } = await decodePicture({ format: 'jpeg', data: padded });
      t.deepEqual(data, whole.data);
      t.is(warnings.length, 1);
      t.regex(warnings[0] ?? '', /extraneous bytes before a restart marker/);
    }
  },
);

test.serial(
  'many bytes before a restart marker mean wrong blocks before it: the picture is refused',
  async (t) => {
    const damaged = await withRestarts((row) => Buffer.alloc(row === 2 ? 200 : 0, 0x55));
    await t.throwsAsync(decodePicture({ format: 'jpeg', data: damaged }), {
      name: 'MessageError',
      message: /200 extraneous bytes before marker 0xd1/,
    });
  },
);

test('a jpeg of print colours says that its colours are approximate', async (t) => {
  const data = await street().toColourspace('cmyk').jpeg().toBuffer();
  const { channels, warnings } = await decodePicture({ format: 'jpeg', data });
  t.is(channels, 3);
  t.deepEqual(warnings, ['jpeg images are CMYK, colours of print: as RGB they are approximate']);
});

test('a camera that notes how it was held turns no pixels: camera_info belongs to the stored ones', async (t) => {
  const upright = await jpeg();
  for (const orientation of [3, 6, 8]) {
    const data = await street().withMetadata({ orientation }).jpeg({ quality: 90 }).toBuffer();
    t.is((await sharp(data).metadata()).orientation, orientation);
    const turned = await decodePicture({ format: 'jpeg', data });
    t.deepEqual([turned.width, turned.height], [WIDTH, HEIGHT]);
    t.true(Buffer.from(turned.data).equals(await sharp(upright).raw().toBuffer()));
  }
});

test('bytes after the end, as USB cameras pad their buffers, change nothing', async (t) => {
  const whole = await jpeg();
  const { data, warnings } = await decodePicture({
    format: 'jpeg',
    data: Buffer.concat([whole, Buffer.alloc(100)]),
  });
  t.true(Buffer.from(data).equals(await sharp(whole).raw().toBuffer()));
  t.deepEqual(warnings, []);
});

test('grey pictures have one channel, transparency is dropped, 16 bits are kept', async (t) => {
  const flat = await street().greyscale().raw().toBuffer();
  const asGrey = () =>
    sharp(flat, { raw: { width: WIDTH, height: HEIGHT, channels: 1 } }).toColourspace('b-w');
  const grey = await decodePicture({ format: 'png', data: await asGrey().png().toBuffer() });
  t.is(grey.channels, 1);
  t.true(Buffer.from(grey.data).equals(flat));
  const photo = await asGrey().jpeg({ quality: 100 }).toBuffer();
  const lossy = await decodePicture({ format: 'jpeg', data: photo });
  t.is(lossy.channels, 1);
  t.true(lossy.data.every((value, i) => Math.abs(value - (flat[i] ?? 0)) <= 2));
  const clear = await decodePicture({
    format: 'png',
    data: await street().ensureAlpha(0.5).png().toBuffer(),
  });
  t.true(Buffer.from(clear.data).equals(STREET));
  const values = Uint16Array.from({ length: WIDTH * HEIGHT }, (_, i) => i);
  const wide = await sharp(values, { raw: { width: WIDTH, height: HEIGHT, channels: 1 } })
    .toColourspace('grey16')
    .png()
    .toBuffer();
  const picture = await decodePicture({ format: 'mono16; png compressed', data: wide });
  t.deepEqual([picture.channels, picture.bytesPerChannel], [1, 2]);
  t.deepEqual(new Uint16Array(picture.data.slice().buffer), values);
});
