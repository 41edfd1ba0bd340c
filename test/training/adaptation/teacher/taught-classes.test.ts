import test from 'ava';
import { CITYSCAPES_CLASSES, UNLABELLED } from '../../../../models/class-table.js';
import { taughtClasses } from '../../../../training/adaptation/teacher/taught-classes.js';

const first = (names: readonly string[]) => [...taughtClasses(names).subarray(0, names.length)];

test("Cityscapes' classes are themselves, in any order and spelling", (t) => {
  t.deepEqual(
    first(CITYSCAPES_CLASSES.map(({ name }) => name)),
    CITYSCAPES_CLASSES.map((_, trainId) => trainId),
  );
  t.deepEqual(first(['Sky', 'traffic_light', 'Road']), [10, 6, 0]);
});

test('drivable area and lanes are road, and background is nothing', (t) => {
  t.deepEqual(first(['background', 'drivable']), [UNLABELLED, 0]);
  t.deepEqual(first(['background', 'Drivable Area', 'lane-line', 'pedestrian']), [UNLABELLED, 0, 0, 11]);
});

test('what holds several classes is none of them', (t) => {
  t.deepEqual(first(['vehicle', 'flat', 'person']), [UNLABELLED, UNLABELLED, 11]);
  // Cityscapes' super-classes: its `human` is no person, it may be a rider.
  const merged = ['flat', 'construction', 'object', 'nature', 'sky', 'human', 'vehicle'];
  t.deepEqual(
    first(merged),
    merged.map((name) => (name === 'sky' ? 10 : UNLABELLED)),
  );
});

test('labels beyond the list are nothing', (t) => {
  t.is(taughtClasses(['road'])[200], UNLABELLED);
});
