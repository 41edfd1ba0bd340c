import test from 'ava';
import { graphMetadata } from '../../../training/perception-graph/perception-contract.js';
import {
  CANONICAL,
  type Camera,
  expectedSize,
  manifestOf,
  near,
  ONE_TO_ONE,
  perceive,
  redNetwork,
  sessionOf,
  sizeNetwork,
} from './perceive.js';

/** Sizes of what a network of 64 x 32 pixels, or so many, always gives: for whoever resizes outside of the graph. */
function atNetworkSize(camera: Camera): Record<string, readonly number[]> {
  const { rows, columns } = expectedSize(camera, 64 * 32, 32);
  return { inverse_depth: [1, 1, rows, columns], depth_terms: [2], palette: [256, 4] };
}

test('outputs have the size of the camera image, whatever it is', async (t) => {
  const session = await sessionOf(redNetwork(), 64 * 32);
  const sizes = [
    [1, 1],
    [1, 7],
    [9, 1],
    [33, 47],
    [375, 1242],
    [480, 640],
    [640, 360], // portrait
    [16, 2000], // very wide
    [720, 1280],
  ] as const;
  for (const [height, width] of sizes) {
    const { dims, depth } = await perceive(session, {
      height,
      width,
      stride: 3,
      pixel: () => [51, 0, 0],
      fy: 47,
    });
    const points = [Math.ceil(height / 3), Math.ceil(width / 3), 3];
    const size = [height, width];
    t.deepEqual(
      dims,
      {
        ...{ depth: size, depth16: size, labels: size, color: [...size, 3], dynamic: size, points },
        network_image: [0, 0, 3],
        ...atNetworkSize({ height, width, fy: 47 }),
      },
      `${size}`,
    );
    t.true(depth.every((meters) => near(meters, depth[0] ?? 0) && meters > 0));
  }
});

test("the network's size and focal length follow from the aspect ratio of the camera", async (t) => {
  const session = await sessionOf(sizeNetwork, 640 * 192);
  const cameras: Camera[] = [
    { height: 375, width: 1242, fx: 721.5 },
    { height: 480, width: 640, fx: 525 },
    { height: 1080, width: 1920, fx: 1000 },
    { height: 1242, width: 375, fx: 700 },
    { height: 201, width: 333, fx: 300, fy: 150 },
    { height: 201, width: 333, fx: 150, fy: 300 },
  ];
  for (const camera of cameras) {
    const { networkWidth, networkHeight, focal } = expectedSize(camera, 640 * 192, 32);
    const { depth } = await perceive(session, { ...camera, wants: { labels: false } });
    const disparity = networkHeight + networkWidth / 10000;
    t.true(near(depth[0], focal / CANONICAL / disparity), `${camera.width} x ${camera.height}: ${depth[0]}`);
    const share = (networkWidth * networkHeight) / (640 * 192);
    t.true(share > 0.8 && share < 1.25, 'about as many pixels as asked for');
  }
});

test('padding of the rows and the order of the channels make no difference', async (t) => {
  const session = await sessionOf(redNetwork(), 64 * 32);
  const red = (x: number, y: number) => 20 + x * 3 + y;
  const green = (x: number, y: number) => (x * 4 + y * 2) % 256;
  const rgb = await perceive(session, { ...ONE_TO_ONE, pixel: (x, y) => [red(x, y), green(x, y), 9] });
  const others: Record<string, Omit<Camera, 'height' | 'width'>> = {
    'padded rgb8': { pixel: (x, y) => [red(x, y), green(x, y), 9], rowPadding: 13 },
    bgr8: { pixel: (x, y) => [9, green(x, y), red(x, y)], order: [2, 1, 0] },
    bgra8: { pixel: (x, y) => [9, green(x, y), red(x, y), 200], order: [2, 1, 0], rowPadding: 64 },
    rgba8: { pixel: (x, y) => [red(x, y), green(x, y), 9, 0] },
  };
  for (const [name, camera] of Object.entries(others)) {
    const same = await perceive(session, { ...ONE_TO_ONE, ...camera });
    t.deepEqual(same.depth, rgb.depth, name);
    t.deepEqual(same.labels, rgb.labels, name);
  }
  const grey = await perceive(session, { ...ONE_TO_ONE, pixel: (x, y) => [red(x, y), red(x, y), 9] });
  const mono = { pixel: (x: number, y: number) => [red(x, y)], order: [0, 0, 0] as const, rowPadding: 5 };
  const mono8 = await perceive(session, { ...ONE_TO_ONE, ...mono });
  t.deepEqual(mono8.depth, grey.depth);
  t.deepEqual(mono8.labels, grey.labels);
  for (let i = 0; i < 64 * 32; i++) t.true(near(rgb.depth[i], 255 / red(i % 64, Math.floor(i / 64)), 1e-4));
});

test('what is not wanted has no rows, and the depth stays the same to the last bit', async (t) => {
  const session = await sessionOf(redNetwork(1), 64 * 32);
  const camera: Camera = { width: 100, height: 41, pixel: (x, y) => [(x * 7 + y * 3) % 256, x, 0] };
  const all = await perceive(session, camera);
  const empty: Record<string, readonly number[]> = {
    depth16: [0, 0],
    labels: [0, 0],
    color: [0, 0, 3],
    dynamic: [0, 0],
    points: [0, 0, 3],
    network_image: [0, 0, 3],
  };
  for (const want of ['labels', 'points', 'depth16'] as const) {
    const wants = { labels: false, points: false, depth16: false, [want]: true };
    const some = await perceive(session, { ...camera, wants });
    t.deepEqual(Buffer.from(some.depth.buffer), Buffer.from(all.depth.buffer));
    const names = want === 'labels' ? ['labels', 'color', 'dynamic'] : [want];
    t.deepEqual(some.dims, {
      ...empty,
      depth: [41, 100],
      ...atNetworkSize(camera),
      ...Object.fromEntries(names.map((name) => [name, all.dims[name]])),
    });
  }
});

test('the graph says which contract it follows and of which model it is', (t) => {
  t.deepEqual(graphMetadata(manifestOf(1, 1)), { 'rxdepth.contract': '1', 'rxdepth.model': 'test 1' });
});

test('a calibration without focal lengths is an error, not a picture', async (t) => {
  const session = await sessionOf(redNetwork(), 64 * 32);
  await t.throwsAsync(perceive(session, { ...ONE_TO_ONE, fx: 0, fy: 0 }));
});

test('the image as the network sees it: RGB bytes, without row padding and letterbox, only where wanted', async (t) => {
  const session = await sessionOf(redNetwork(), 64 * 32);
  const pixel = (x: number, y: number) => [3 * x, 5 * y, 200];
  const { networkImage, dims } = await perceive(session, {
    ...ONE_TO_ONE,
    pixel: (x, y) => [...pixel(x, y)].reverse(),
    order: [2, 1, 0],
    rowPadding: 5,
    wants: { networkImage: true },
  });
  t.deepEqual(dims.network_image, [32, 64, 3]);
  const expected = Array.from({ length: 32 * 64 }, (_, i) => pixel(i % 64, Math.floor(i / 64))).flat();
  t.deepEqual([...networkImage], expected);
  // 80 x 32 pixels become 64 x 26 of a network of 64 x 32.
  const wide = await perceive(session, {
    ...{ width: 80, height: 32 },
    pixel: () => [90, 60, 30],
    wants: { networkImage: true },
  });
  t.deepEqual(wide.dims.network_image, [26, 64, 3]);
  t.true(wide.networkImage.every((value, i) => value === [90, 60, 30][i % 3]));
  t.deepEqual((await perceive(session, ONE_TO_ONE)).dims.network_image, [0, 0, 3]);
});
