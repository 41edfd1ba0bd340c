import * as tf from '@tensorflow/tfjs';
import test from 'ava';
import { deviceAbsence } from '../../../../models/device-presence.js';
import { maskState } from '../../../../training/methods/sgdepth/mask-state.js';
import { predictLabels } from '../../../../training/methods/sgdepth/sgdepth-inspection.js';
import { Scope } from '../../../../training/networks/scope.js';
import type { HostState } from '../../../../training/runs/host-state.js';
import { HEIGHT, startingParameters, TINY, tensorsOf, WIDTH } from './sgdepth-step.js';

test.before(async () => {
  await tf.setBackend('cpu');
});

/** epsilon is 0, 0, 0.5 and 1 in the four epochs. */
const SCHEDULE = { epochs: 4, maskedEpochs: 1 };
const PARAMETERS = startingParameters(TINY);
const CONTEXT = {
  ...{ facts: { target: { count: 2 } }, counts: { target: 1, source: 1 } },
  ...{ parameters: PARAMETERS, size: { width: WIDTH, height: HEIGHT }, threads: 1 },
  ...{ steps: 8, batchesPerStep: 1, batchesPerEpoch: 2 },
};

/** Pictures of very different brightness, as planes. */
const picture = (seed: number): Float32Array =>
  Float32Array.from(
    { length: 3 * HEIGHT * WIDTH },
    (_, i) => Math.abs(Math.sin((seed + 1) * (1 + i * (0.37 + seed)))) ** (1 + 2 * seed),
  );
const [DARK, GREY, BRIGHT] = [picture(3), picture(1), picture(0)];
const batchOf = (triplet: number, target = GREY, previous = GREY, next = GREY) => ({
  ...{ triplets: Int32Array.of(triplet), picture: target, previousPicture: previous, nextPicture: next },
});

async function withState(work: (state: HostState) => Promise<void>): Promise<void> {
  const state = await maskState(TINY, 1, SCHEDULE, CONTEXT);
  try {
    await work(state);
  } finally {
    await state.release();
  }
}

const differing = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).filter((label, i) => label !== b[i]).length / a.length;

test.serial(
  'each frame is labelled as the trained network sees it alone, whatever its neighbours show',
  async (t) => {
    await withState(async (state) => {
      const first = await state.before(batchOf(0, DARK, GREY, BRIGHT), 0, 'all');
      const [dark, grey, bright] = [first.labels, first.previousLabels, first.nextLabels].map((labels) =>
        Int32Array.from(labels ?? []),
      ) as [Int32Array, Int32Array, Int32Array];
      t.is(dark.length, HEIGHT * WIDTH);
      t.true(differing(dark, bright) > 0.2 && differing(grey, bright) > 0.05, 'labels follow the picture');
      // Another mixture: statistics of the batch would be others.
      const again = await state.before(batchOf(0, BRIGHT, BRIGHT, DARK), 1, 'all');
      t.true(differing(again.labels ?? [], bright) < 0.01);
      t.true(differing(again.previousLabels ?? [], bright) < 0.01);
      t.true(differing(again.nextLabels ?? [], dark) < 0.01);

      // Eagerly, from the picture in ImageNet's normalisation.
      const image = tf
        .tensor(DARK, [1, 3, HEIGHT, WIDTH])
        .transpose<tf.Tensor4D>([0, 2, 3, 1])
        .sub(tf.tensor1d([0.485, 0.456, 0.406]))
        .div<tf.Tensor4D>(tf.tensor1d([0.229, 0.224, 0.225]));
      const eager = predictLabels(Scope.over(tensorsOf(PARAMETERS), false), image, TINY).dataSync();
      t.true(differing(eager, dark) < 0.01);

      // And with the weights of the moment.
      const bias = PARAMETERS.get('segmentation.logits.bias')?.values ?? new Float32Array();
      const drawn = bias.slice();
      bias[7] = 1e3;
      const changed = await state.before(batchOf(0), 2, 'all');
      bias.set(drawn);
      t.is(differing(changed.labels ?? [], new Int32Array(HEIGHT * WIDTH).fill(7)), 0);
    });
  },
);

test.serial(
  'an image is trained without mask by what the epoch before saw of it, from the epoch that the schedule names',
  async (t) => {
    await withState(async (state) => {
      const flags: number[] = [];
      const reported: number[] = [];
      // Of the two triplets the second stands still; the order changes from epoch to epoch.
      const overlaps = [0.2, 0.9];
      for (const [index, triplet] of [1, 0, 0, 1, 1, 0, 0, 1].entries()) {
        const batch = batchOf(triplet);
        const given = await state.before(batch, index, 'all');
        flags.push(...(given.isStatic ?? []));
        const host = { overlaps: Float32Array.of(overlaps[triplet] ?? 0) };
        const result = { loss: 0, metrics: {}, gradients: {}, updates: {}, update: 'all', host };
        reported.push(state.after(result, { ...batch, ...given }).static ?? Number.NaN);
      }
      t.deepEqual(flags, [0, 0, 0, 0, 1, 0, 1, 1]);
      t.deepEqual(reported, flags);
      t.deepEqual([...(state.save().overlaps ?? [])], overlaps.map(Math.fround));
    });
  },
);

const withoutCuda = deviceAbsence('cuda') === undefined ? test.skip : test.serial;

withoutCuda('labels are made on the device that is asked for', async (t) => {
  await t.throwsAsync(maskState(TINY, 1, SCHEDULE, { ...CONTEXT, device: 'cuda' }), {
    name: 'ModelError',
    message: /cuda/i,
  });
});
