import test from 'ava';
import { TrainingError } from '../../../training/errors.js';
import { Sgd } from '../../../training/optimizers/sgd.js';
import type { StepResult } from '../../../training/runs/step-result.js';
import {
  type StepReport,
  type TrainerOptions,
  type TrainerUpdate,
  train,
} from '../../../training/runs/trainer.js';
import type { Parameters } from '../../../training/weights/parameters.js';

const parameter = (name: string, values: number[], trainable = true) =>
  [
    name,
    {
      spec: { name, shape: [values.length], initializer: { kind: 'constant', value: 0 }, trainable },
      values: Float32Array.from(values),
    },
  ] as const;

function weights(): Parameters {
  return new Map([parameter('w', [1, 2]), parameter('running', [10, 0], false)]);
}

const compute = async (_step: number, batch: number): Promise<StepResult> => ({
  loss: batch,
  metrics: { depth: batch * 2 },
  gradients: { w: Float32Array.of(batch, 1) },
  updates: { running: Float32Array.of(0, batch) },
});

/** Gradient descent on batches that are plain numbers: the gradient is the batch. */
function optionsFor(
  parameters: Parameters,
  change: Partial<TrainerOptions<number>> = {},
  update: Partial<TrainerUpdate<number>> = {},
): TrainerOptions<number> {
  return {
    parameters,
    firstStep: 0,
    lastStep: 3,
    nextBatch: async (step) => step,
    recycle: () => {},
    updates: [{ compute, optimizer: new Sgd(), learningRate: () => 0.5, ...update }],
    statisticsMomentum: 0.1,
    onStep: () => {},
    ...change,
  };
}

const near = (values: Float32Array | undefined, expected: number[]): boolean =>
  expected.every((x, i) => Math.abs((values?.[i] ?? Number.NaN) - x) < 1e-6);

test('a state is replaced by what the step gives', async (t) => {
  const [name, state] = parameter('state', [10, 0], false);
  const parameters: Parameters = new Map([
    ...weights(),
    [name, { ...state, spec: { ...state.spec, replaced: true } }],
  ]);
  const stateful = async (step: number): Promise<StepResult> => ({
    loss: 1,
    metrics: {},
    gradients: {},
    updates: { state: Float32Array.of(step, 7) },
  });
  await train(optionsFor(parameters, {}, { compute: stateful }));
  t.deepEqual(parameters.get('state')?.values, Float32Array.of(2, 7));
});

test('a statistic with a momentum of its own moves by that', async (t) => {
  const [name, statistic] = parameter('running', [10, 0], false);
  const parameters: Parameters = new Map([
    ...weights(),
    [name, { ...statistic, spec: { ...statistic.spec, momentum: 0.5 } }],
  ]);
  await train(optionsFor(parameters));
  // The second is given 0, 1 and 2: 0.5 * (0.5 * 0 + 0.5 * 1) + 0.5 * 2.
  t.deepEqual(parameters.get('running')?.values, Float32Array.of(10 * 0.5 ** 3, 1.25));
});

test('every step updates the trainable values and blends the statistics', async (t) => {
  const parameters = weights();
  const reports: StepReport[] = [];
  const recycled: number[] = [];
  const taken = await train(
    optionsFor(parameters, {
      onStep: (report) => void reports.push(report),
      recycle: (step, batch) => void recycled.push(step * 10 + batch),
    }),
  );
  t.is(taken, 3);
  t.true(near(parameters.get('w')?.values, [1 - 0.5 * (0 + 1 + 2), 2 - 1.5]));
  t.true(near(parameters.get('running')?.values, [10 * 0.9 ** 3, 0.1 * 1 * 0.9 + 0.1 * 2]));
  t.deepEqual(
    reports.map(({ step, loss, metrics, learningRate }) => ({ step, loss, metrics, learningRate })),
    [0, 1, 2].map((i) => ({ step: i + 1, loss: i, metrics: { depth: 2 * i }, learningRate: 0.5 })),
  );
  t.deepEqual(recycled, [0, 11, 22]);
});

test('a resumed run asks for the batches and learning rates that were left', async (t) => {
  const asked: number[] = [];
  const rates: number[] = [];
  const taken = await train(
    optionsFor(
      weights(),
      { firstStep: 5, lastStep: 7, nextBatch: async (step) => asked.push(step) },
      {
        learningRate: (step) => {
          rates.push(step);
          return 0;
        },
      },
    ),
  );
  t.is(taken, 7);
  t.deepEqual(asked, [5, 6]);
  t.deepEqual(rates, [5, 6]);
  t.is(await train(optionsFor(weights(), { firstStep: 7, lastStep: 7 })), 7, 'nothing left to do');
});

test('an aborted run ends between two steps', async (t) => {
  const stop = new AbortController();
  const parameters = weights();
  const taken = await train(
    optionsFor(parameters, {
      signal: stop.signal,
      onStep: ({ step }) => {
        if (step === 2) stop.abort();
      },
    }),
  );
  t.is(taken, 2);
  t.true(near(parameters.get('w')?.values, [0.5, 1]));
});

const faults: [string, Partial<StepResult>][] = [
  ['loss', { loss: Number.NaN }],
  ['gradient', { gradients: { w: Float32Array.of(0, Number.NEGATIVE_INFINITY) } }],
  ['statistic', { updates: { running: Float32Array.of(Number.NaN, 0) } }],
];
for (const [what, fault] of faults) {
  test(`a step whose ${what} is not finite changes nothing, and the run goes on`, async (t) => {
    const parameters = weights();
    const steps: number[] = [];
    const faulty = async (step: number, batch: number) => ({
      ...(await compute(step, batch)),
      ...(batch === 1 ? fault : {}),
    });
    await train(optionsFor(parameters, { onStep: ({ step }) => void steps.push(step) }, { compute: faulty }));
    t.deepEqual(steps, [1, 2, 3]);
    t.true(near(parameters.get('w')?.values, [1 - 0.5 * 2, 1]));
    t.true(near(parameters.get('running')?.values, [10 * 0.9 ** 2, 0.2]));
  });
}

test('a statistic of a parameter that the network lacks is an error that names it', async (t) => {
  const updates = { 'bn.mean': Float32Array.of(1) };
  const strange = async (step: number, batch: number) => ({ ...(await compute(step, batch)), updates });
  await t.throwsAsync(train(optionsFor(weights(), {}, { compute: strange })), {
    instanceOf: TrainingError,
    message: /`bn\.mean`/,
  });
});

test('an error of the step, the batches or the report ends the run with that error', async (t) => {
  const fail = () => Promise.reject(new Error('disk gone'));
  for (const change of [{ nextBatch: fail }, { onStep: fail }]) {
    await t.throwsAsync(train(optionsFor(weights(), change)), { message: 'disk gone' });
  }
  await t.throwsAsync(train(optionsFor(weights(), {}, { compute: fail })), { message: 'disk gone' });
});

test('a step of several batches averages their gradients and blends the statistics of each', async (t) => {
  const parameters = weights();
  const reports: StepReport[] = [];
  const asked: number[] = [];
  const taken = await train(
    optionsFor(parameters, {
      batchesPerStep: 3,
      firstStep: 1,
      lastStep: 3,
      nextBatch: async (index) => {
        asked.push(index);
        return index;
      },
      onStep: (report) => void reports.push(report),
    }),
  );
  t.is(taken, 3);
  t.deepEqual(asked, [3, 4, 5, 6, 7, 8]);
  t.deepEqual(
    reports.map(({ step, loss, metrics }) => [step, loss, metrics.depth]),
    [
      [2, 4, 8],
      [3, 7, 14],
    ],
  );
  // Mean gradients [4, 1] and [7, 1] at rate 0.5; the running statistic goes a tenth of the way to each of 3..8.
  t.true(near(parameters.get('w')?.values, [1 - 2 - 3.5, 2 - 0.5 - 0.5]));
  const running = [3, 4, 5, 6, 7, 8].reduce((value, batch) => 0.9 * value + 0.1 * batch, 0);
  t.true(near(parameters.get('running')?.values, [10 * 0.9 ** 6, running]));
});

test('updates take turns on the same batches: each with its own gradients, optimizer and rate', async (t) => {
  const parameters: Parameters = new Map([parameter('g.w', [1]), parameter('d.w', [10])]);
  const seen: number[] = [];
  const reports: StepReport[] = [];
  const recycled: number[] = [];
  const update = (name: string, sign: number, rate: number): TrainerUpdate<number> => ({
    name,
    // The discriminator comes first: the generator must see what it has become.
    compute: async (index, batch) => {
      seen.push(index, parameters.get('d.w')?.values[0] ?? Number.NaN);
      return {
        loss: sign * batch,
        metrics: { [`${name}Metric`]: batch },
        gradients: { [`${name}.w`]: Float32Array.of(sign) },
        updates: {},
      };
    },
    optimizer: new Sgd(),
    learningRate: () => rate,
  });
  await train(
    optionsFor(parameters, {
      ...{ lastStep: 1, batchesPerStep: 2, updates: [update('d', 1, 4), update('g', -1, 0.5)] },
      recycle: (index) => void recycled.push(index),
      onStep: (report) => void reports.push(report),
    }),
  );
  t.deepEqual([parameters.get('d.w')?.values[0], parameters.get('g.w')?.values[0]], [6, 1.5]);
  t.deepEqual(seen, [0, 10, 1, 10, 0, 6, 1, 6]);
  t.deepEqual(recycled, [0, 1], 'batches are given back once, after the last update');
  t.deepEqual(reports[0]?.metrics, {
    ...{ dMetric: 0.5, 'd.loss': 0.5, 'd.gradientNorm': 1, 'd.learningRate': 4 },
    ...{ gMetric: 0.5, 'g.loss': -0.5, 'g.gradientNorm': 1, 'g.learningRate': 0.5 },
  });
});
