import test from 'ava';
import { MapEnlarger } from '../../../../../nodes/perception/engine/network-size/map-enlarger.js';
import { largestDifference, resized, SIZES, TOLERANCE } from './resized.js';

const LEAST = Math.fround(1 / 85);
const FACTOR = 1.7;

/** 1 / depth from far behind the horizon to near, here and there unknown. */
function inverseDepths({ height, width }: { height: number; width: number }): Float32Array {
  return Float32Array.from({ length: height * width }, (_, i) =>
    i % 97 === 5 ? Number.NaN : (((i * 7919) % 1009) / 1009) ** 3 * 0.4,
  );
}

for (const { camera, network } of SIZES) {
  const size = `${network.width}x${network.height} to ${camera.width}x${camera.height}`;
  const length = camera.height * camera.width;

  test(`maps are enlarged to the numbers that onnxruntime gives: ${size}`, async (t) => {
    const map = inverseDepths(network);
    const enlarger = new MapEnlarger(network, camera);
    const values = new Float32Array(length);
    enlarger.values(map, (row, numbers) => values.set(numbers, row * camera.width));
    const dims = [1, 1, network.height, network.width];
    t.true(largestDifference(values, await resized(map, dims, camera, { mode: 'linear' })) <= TOLERANCE);
  });

  test(`depth is the factor by what lies between, infinite from the least on, in metres and millimetres: ${size}`, (t) => {
    const map = inverseDepths(network);
    const enlarger = new MapEnlarger(network, camera);
    const [values, meters] = [new Float32Array(length), new Float32Array(length)];
    const millimetres = new Uint16Array(length);
    enlarger.values(map, (row, numbers) => values.set(numbers, row * camera.width));
    enlarger.meters(map, { factor: FACTOR, least: LEAST }, (row, numbers) => {
      meters.set(numbers, row * camera.width);
      millimetres.set(enlarger.lastMillimetres(), row * camera.width);
    });
    const expected = values.map((value) => {
      if (Number.isNaN(value)) return Number.NaN;
      return value > LEAST ? Math.fround(FACTOR) / value : Number.POSITIVE_INFINITY;
    });
    t.is(largestDifference(meters, expected), 0);
    t.true(expected.includes(Number.POSITIVE_INFINITY) && expected.some((value) => value < 65));
    for (const [i, value] of meters.entries()) {
      const rounded = Math.fround(value * 1000);
      const fits = rounded < 65535.5;
      const given = millimetres[i] ?? Number.NaN;
      if (fits ? Math.abs(given - rounded) > 0.5 : given !== 0) t.fail(`${value} m: ${given}`);
    }
  });
}
