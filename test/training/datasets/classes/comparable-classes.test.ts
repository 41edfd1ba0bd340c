import test from 'ava';
import { CITYSCAPES_CLASSES } from '../../../../models/class-table.js';
import { classSetNamed, semanticClassesOf } from '../../../../training/datasets/classes/class-set-labels.js';
import { comparableClasses } from '../../../../training/datasets/classes/comparable-classes.js';

const namesOf = (set: string) => semanticClassesOf(classSetNamed(set)).map(({ name }) => name);
const sets = (names: readonly string[]) => comparableClasses(names)?.sets.map(({ name }) => name);

test('a model is measured over the sets whose classes it has, and over no finer one', (t) => {
  t.deepEqual(sets(CITYSCAPES_CLASSES.map(({ name }) => name)), ['19', '16', '13', '7']);
  t.deepEqual(sets(namesOf('16')), ['16', '13', '7']);
  t.deepEqual(sets(namesOf('13')), ['13', '7']);
  t.deepEqual(sets(namesOf('7')), ['7']);
});

test('labels of a set become trainIds, of merged classes the first', (t) => {
  const sixteen = comparableClasses(namesOf('16'))?.trainIds;
  t.deepEqual(
    [...(sixteen ?? [])].slice(0, 17),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 15, 17, 18, 255],
  );
  const seven = comparableClasses(namesOf('7'))?.trainIds;
  t.deepEqual(
    [...(seven ?? [])].slice(0, 8),
    [0, 2, 5, 8, 10, 11, 13, 255],
    'sky is no other class by its name',
  );
});

test('other classes are found by name, in any order and case; strange ones are none', (t) => {
  const found = comparableClasses(['tram', 'Car', 'SKY']);
  t.deepEqual([...(found?.trainIds ?? [])].slice(0, 4), [255, 13, 10, 255]);
  t.is(found?.sets.length, 4, 'a model that covers no set is measured over all');
  t.is(comparableClasses(['tram', 'lawn']), undefined);
  t.is(comparableClasses([]), undefined);
});
