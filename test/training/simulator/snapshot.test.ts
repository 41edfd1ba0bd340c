import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { CITYSCAPES_CLASSES, SKY, UNLABELLED } from '../../../models/class-table.js';
import { TrainingError } from '../../../training/errors.js';
import { DOMAINS, domainNamed } from '../../../training/simulator/domains.js';
import { simulateSnapshot } from '../../../training/simulator/snapshot.js';
import { frameHash } from './picture-hash.js';

const SIZE = { width: 192, height: 60 };
const wide = domainNamed('wide');

test('a seed gives the same bytes again, also in a worker and in another order', async (t) => {
  const seeds = [3, 11, 3];
  const hashes = seeds.map((seed) => frameHash(simulateSnapshot({ domain: wide, seed, ...SIZE })));
  t.is(hashes[0], hashes[2]);
  t.not(hashes[0], hashes[1]);
  const worker = new Worker(new URL('./picture-hash.js', import.meta.url), {
    workerData: { seeds: [11, 3], domain: 'wide', ...SIZE },
  });
  const [answer] = (await once(worker, 'message')) as [string[]];
  await worker.terminate();
  t.deepEqual(answer, [hashes[1], hashes[0]]);
});

test('twenty scenes show a sane mixture of classes and depths', (t) => {
  const pixels = new Map<number, number>();
  for (let seed = 0; seed < 20; seed++) {
    const frame = simulateSnapshot({ domain: wide, seed, ...SIZE });
    for (let i = 0; i < frame.labels.length; i++) {
      const label = frame.labels[i];
      pixels.set(label, (pixels.get(label) ?? 0) + 1);
      const depth = frame.depthMeters[i];
      if ((label === SKY) !== (depth === Infinity)) t.fail(`seed ${seed}: label ${label} at ${depth} m`);
      if (!(depth > 0.1)) t.fail(`seed ${seed}: depth ${depth}`);
      const dynamic = CITYSCAPES_CLASSES[label]?.dynamic === true;
      if (dynamic !== (frame.instances[i] !== 0)) t.fail(`seed ${seed}: instance of label ${label}`);
    }
  }
  const total = 20 * SIZE.width * SIZE.height;
  const share = (name: string): number =>
    (pixels.get(CITYSCAPES_CLASSES.findIndex((known) => known.name === name)) ?? 0) / total;
  for (const label of pixels.keys()) t.true(label < 19 || label === UNLABELLED);
  t.true(share('road') > 0.1 && share('road') < 0.45);
  t.true(share('vegetation') > 0.05 && share('vegetation') < 0.5);
  t.true(share('building') > 0.02);
  t.true(share('car') > 0.03 && share('car') < 0.4);
  t.true(share('sky') > 0.03 && share('sky') < 0.4);
  for (const name of ['sidewalk', 'pole', 'person', 'truck', 'terrain']) t.true(share(name) > 0, name);
});

test('the road under the camera lies at the stated height', (t) => {
  for (let seed = 0; seed < 6; seed++) {
    const frame = simulateSnapshot({ domain: domainNamed('town-clean'), seed, ...SIZE });
    const m = frame.worldFromCamera;
    const { fx, fy, cx, cy } = frame.intrinsics;
    const heights: number[] = [];
    for (let v = SIZE.height >> 1; v < SIZE.height; v++) {
      for (let u = 0; u < SIZE.width; u++) {
        const i = v * SIZE.width + u;
        const z = frame.depthMeters[i];
        if (frame.labels[i] !== 0 || z > 8) continue;
        const x = ((u - cx) / fx) * z;
        const y = ((v - cy) / fy) * z;
        heights.push(m[11] - (m[8] * x + m[9] * y + m[10] * z + m[11]));
      }
    }
    if (heights.length < 20) continue;
    heights.sort((a, b) => a - b);
    // The road may rise by 1.5 % over these metres.
    t.true(Math.abs(heights[heights.length >> 1] - frame.cameraHeightMeters) < 0.15);
  }
});

test('every domain renders, at odd sizes too, and looks different', (t) => {
  const hashes = Object.values(DOMAINS).map((domain) => {
    const frame = simulateSnapshot({ domain, seed: 5, width: 97, height: 41 });
    t.is(frame.rgb.length, 97 * 41 * 3);
    t.true(frame.rgb.some((value) => value > 60));
    return frameHash(frame);
  });
  t.is(new Set(hashes).size, hashes.length);
});

test('a given focal length is used', (t) => {
  const frame = simulateSnapshot({ domain: wide, seed: 1, ...SIZE, focalPixels: 100 });
  t.is(frame.intrinsics.fx, 100);
});

test('colour is sampled once or four times a pixel without touching the truth', (t) => {
  const once = simulateSnapshot({ domain: wide, seed: 2, ...SIZE, supersampling: 1 });
  const twice = simulateSnapshot({ domain: wide, seed: 2, ...SIZE, supersampling: 2 });
  t.deepEqual(once.labels, twice.labels);
  t.notDeepEqual(once.rgb, twice.rgb);
});

test('bad options are refused by name', (t) => {
  const bad = (options: object, named: string): void => {
    const error = t.throws(() => simulateSnapshot({ domain: wide, seed: 0, ...SIZE, ...options }), {
      instanceOf: TrainingError,
    });
    t.true(error?.message.includes(`\`${named}\``), error?.message);
  };
  bad({ width: 0 }, 'width');
  bad({ height: 10.5 }, 'height');
  bad({ seed: -1 }, 'seed');
  bad({ seed: Number.NaN }, 'seed');
  bad({ focalPixels: 0 }, 'focalPixels');
  const error = t.throws(() => domainNamed('toString'), { instanceOf: TrainingError });
  t.true(error?.message.includes('`town-clean`'));
});
