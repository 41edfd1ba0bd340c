import test from 'ava';
import { OverlapStore } from '../../../../training/methods/sgdepth/overlap-store.js';

const SCHEDULE = { epochs: 4, maskedEpochs: 1 }; // epsilon 0, 0, 0.5, 1

test('all are masked at first; then the best half by the last epoch; then none', (t) => {
  const store = new OverlapStore(4, SCHEDULE);
  const statics = () => [0, 1, 2, 3].map((image) => store.isStatic(image));
  store.enterEpoch(0);
  t.deepEqual(statics(), [false, false, false, false]);
  [0.9, 0.2, 0.6, 0.4].forEach((overlap, image) => {
    store.set(image, overlap);
  });
  store.enterEpoch(1);
  t.deepEqual(statics(), [false, false, false, false]);
  store.enterEpoch(2);
  t.deepEqual(statics(), [true, false, true, false]);
  t.is(store.threshold, Math.fround(0.6));
  store.enterEpoch(3);
  t.deepEqual(statics(), [true, true, true, true]);
});

test('values of the epoch under way do not move its threshold', (t) => {
  const store = new OverlapStore(2, { ...SCHEDULE, constantFraction: 0.5 });
  store.set(0, 0.5);
  store.set(1, 0.3);
  store.enterEpoch(1);
  store.set(0, 0.1);
  store.set(1, 0.45);
  store.enterEpoch(1);
  t.is(store.threshold, 0.5);
  store.enterEpoch(2);
  t.is(store.threshold, Math.fround(0.45));
});

test('a store that was saved goes on as if nothing had happened', (t) => {
  const store = new OverlapStore(3, SCHEDULE);
  store.enterEpoch(0);
  store.set(0, 0.7);
  store.set(2, 1 / 3);
  store.set(1, Number.NaN); // a step that failed
  store.enterEpoch(2);
  const again = new OverlapStore(3, SCHEDULE);
  again.restore(structuredClone(store.save()));
  t.deepEqual(again.save(), store.save());
  for (const each of [store, again]) {
    each.set(1, 0.1);
    each.enterEpoch(2);
  }
  t.is(again.threshold, store.threshold);
  t.deepEqual(
    [0, 1, 2].map((image) => again.isStatic(image)),
    [true, false, false],
  );
});
