import test from 'ava';
import {
  addedAdjustments,
  adjusted,
  adjustmentText,
  classAdjustmentOf,
  LOGITS_BIAS,
  mixedAdjustment,
  unadjusted,
  withoutOldNote,
} from '../../../training/perception-graph/class-adjustment.js';

const CLASSES = ['road', 'traffic light', 'person'].map((name) => ({
  name,
  color: [0, 0, 0],
  dynamic: false,
}));

const manifest = (method: string, classAdjustment?: Record<string, number>) =>
  ({ classes: CLASSES, provenance: { method }, ...(classAdjustment && { classAdjustment }) }) as never; // what is asked for

const bias = (...values: number[]) =>
  new Map([
    [
      LOGITS_BIAS,
      {
        spec: { name: LOGITS_BIAS, shape: [3], trainable: true, initializer: { kind: 'constant', value: 0 } },
        values: Float32Array.from(values),
      },
    ],
  ]) as never as Parameters<typeof adjusted>[0];

test('a manifest says how the classes were adjusted, and an older one at the end of its method', (t) => {
  t.is(classAdjustmentOf(manifest('supervised')), undefined);
  t.deepEqual(classAdjustmentOf(manifest('x', { person: -0.7 })), { person: -0.7 });
  t.deepEqual(classAdjustmentOf(manifest('x; logits adjusted: traffic light +2, person -0.7')), {
    'traffic light': 2,
    person: -0.7,
  });
  // Twice is the sum; nothing is left of what was taken back.
  const twice = 'x; logits adjusted: person -0.7, road +1; logits adjusted: person +0.7, road +0.5';
  t.deepEqual(classAdjustmentOf(manifest(twice)), { road: 1.5 });
  t.is(withoutOldNote(twice), 'x');
  // The field counts where there is one, and a class that is not there has no logit.
  t.deepEqual(classAdjustmentOf(manifest('x; logits adjusted: person -0.7', {})), {});
  t.deepEqual(classAdjustmentOf(manifest('x; logits adjusted: rider -1, person -0.7')), { person: -0.7 });
  // Of a mean of older models, nobody knows whether all of them were adjusted.
  t.is(classAdjustmentOf(manifest('mean of 2 models (x; logits adjusted: person -0.7)')), undefined);
});

test('adjustments add up, and those of mixed weights are mixed with the same shares', (t) => {
  t.deepEqual(addedAdjustments({ person: -0.7, road: 1 }, { person: 0.7, road: 2 }), { road: 3 });
  t.deepEqual(addedAdjustments(undefined, { person: -1 }), { person: -1 });
  t.is(mixedAdjustment([undefined, undefined], [0.5, 0.5]), undefined);
  t.deepEqual(mixedAdjustment([{ person: -1 }, undefined], [0.25, 0.75]), { person: -0.25 });
  t.deepEqual(mixedAdjustment([{ person: -1 }, { person: -2, road: 4 }], [-0.5, 1.5]), {
    person: -2.5,
    road: 6,
  });
  t.is(adjustmentText({ person: -0.7, 'traffic light': 2 }), 'person -0.7, traffic light +2');
});

test('the bias of each named class is moved, and comes back; other classes stay', (t) => {
  const learned = bias(0.5, -1, 2);
  const runs = adjusted(learned, { person: -0.75, road: 3 }, CLASSES);
  t.deepEqual([...(runs.get(LOGITS_BIAS)?.values ?? [])], [3.5, -1, 1.25]);
  t.deepEqual(
    [...(unadjusted(runs, { person: -0.75, road: 3 }, CLASSES).get(LOGITS_BIAS)?.values ?? [])],
    [0.5, -1, 2],
  );
  t.deepEqual([...(learned.get(LOGITS_BIAS)?.values ?? [])], [0.5, -1, 2], 'what is given is not changed');
  t.is(adjusted(learned, undefined, CLASSES), learned);
});

test('an adjustment of classes that the weights have not is refused by name', (t) => {
  const message = /`classAdjustment`: expected one logit bias for each of 3 classes/;
  t.throws(() => adjusted(bias(1, 2, 3), { rider: -1 }, CLASSES), { message: /among them no `rider`/ });
  t.throws(() => adjusted(bias(1, 2), { person: -1 }, CLASSES), { name: 'TrainingError', message });
  t.throws(() => adjusted(new Map(), { person: -1 }, CLASSES), { message: /got none/ });
});
