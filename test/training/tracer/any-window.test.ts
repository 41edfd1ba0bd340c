import type * as tf from '@tensorflow/tfjs';
import test from 'ava';
import fc from 'fast-check';
import { errorAlong, inDoublePrecision } from './double-precision.js';
import type { Window } from './image-references.js';
import { convolves, depthwise, pools, resizes, transposes } from './method-image-ops.js';
import type { MethodOp } from './method-op.js';
import { relativeError, runCompiled, type Samples, useEagerBackend, withGradients } from './parity.js';

test.before(useEagerBackend);

const pair = (min: number, max: number): fc.Arbitrary<[number, number]> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

/** Kernels, strides and paddings of any kind that fit into images of at least 7x7. */
const windows = (dilated: boolean): fc.Arbitrary<Window> =>
  fc.record({
    kernel: pair(1, 3),
    strides: dilated ? fc.constant<[number, number]>([1, 1]) : pair(1, 3),
    dilations: dilated ? pair(1, 3) : fc.constant<[number, number]>([1, 1]),
    pad: fc.oneof(
      fc.constant('same' as const),
      fc.constant('valid' as const),
      fc.tuple(pair(0, 1), pair(0, 1)),
    ),
  });

const image = fc.tuple(
  fc.integer({ min: 1, max: 2 }),
  fc.integer({ min: 7, max: 9 }),
  fc.integer({ min: 7, max: 9 }),
  fc.integer({ min: 1, max: 3 }),
);
const channels = fc.integer({ min: 1, max: 3 });

/** Padding of pooling must be less than the kernel: windows that see nothing have no mean. */
function insideKernel(window: Window): Window {
  if (typeof window.pad === 'string') return window;
  const [rows, columns] = window.pad.map((sides, axis) =>
    sides.map((side) => Math.min(side, window.kernel[axis] - 1)),
  ) as [[number, number], [number, number]]; // two axes of two sides
  return { ...window, pad: [rows, columns] };
}

const ops: fc.Arbitrary<MethodOp> = fc.oneof(
  fc.tuple(image, channels, fc.boolean().chain(windows)).map(([i, c, w]) => convolves('any', i, c, w)),
  fc.tuple(image, channels, windows(false)).map(([i, c, w]) => transposes('any', i, c, w)),
  fc.tuple(image, channels, fc.boolean().chain(windows)).map(([i, c, w]) => depthwise(i, c, w)),
  fc
    .tuple(image, fc.constantFrom('max' as const, 'mean' as const), windows(false))
    .map(([i, kind, w]) => pools('any', kind, i, insideKernel(w))),
  fc
    .tuple(
      image,
      fc.constantFrom('bilinear' as const, 'nearest' as const),
      pair(1, 15),
      fc.constantFrom('aligned' as const, 'halfPixel' as const, 'asymmetric' as const),
    )
    .map(([i, kind, size, corners]) => resizes(kind, size, corners, i)),
);

test.serial(
  'windows of any kind over images of any size are those computed in double precision',
  async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.array(ops, { minLength: 12, maxLength: 12 }), async (cases) => {
        // In one graph, because a session for each takes longer than the rest.
        const samples: Record<string, Samples[string]> = {};
        for (const [i, op] of cases.entries()) {
          for (const [name, sample] of Object.entries(op.samples)) samples[`${i} ${name}`] = sample;
        }
        const actual = await runCompiled((inputs) => {
          const results: Record<string, tf.Tensor> = {};
          for (const [i, op] of cases.entries()) {
            const own = Object.keys(op.samples).map((name) => [name, inputs[`${i} ${name}`]] as const);
            const values = withGradients(op.fn)(Object.fromEntries(own));
            for (const [name, value] of Object.entries(values)) results[`${i} ${name}`] = value;
          }
          return results;
        }, samples);
        for (const [i, { need, samples: own, reference }] of cases.entries()) {
          const y = inDoublePrecision(reference, own, actual[`${i} y`].shape, false).y;
          const errors: Record<string, number> = { y: relativeError(actual[`${i} y`], y) };
          for (const name of Object.keys(own)) {
            errors[`d${name}`] = errorAlong(reference, own, name, actual[`${i} d${name}`].data);
          }
          for (const [name, error] of Object.entries(errors)) {
            if (!(error < 1e-4)) throw new Error(`${name} of ${need} over [${own.x.shape}]: ${error}`);
          }
        }
      }),
      { numRuns: 6, seed: 21, includeErrorInReport: true, endOnFailure: true },
    );
    t.pass();
  },
);
