import test from 'ava';
import { runClock } from '../../../training/adaptation/run-clock.js';

/** Processor and wall seconds, one pair for each time that they are read. */
function times(...pairs: readonly (readonly [number, number])[]) {
  let at = 0;
  return () => {
    const [processor, wall] = pairs[Math.min(at++, pairs.length - 1)];
    return { processor, wall };
  };
}

test('on an idle machine a run is as old as the clock on the wall says', (t) => {
  const read = times([7, 100], [7 + 110, 160]);
  t.is(runClock({ minutes: 10, deadlineMinutes: 30, threads: 2, read })(), 55);
  const busy = times([7, 100], [7 + 300, 160]);
  t.is(runClock({ minutes: 10, deadlineMinutes: 30, threads: 2, read: busy })(), 60, 'never more than that');
});

test('where others take the processor, the work that was done counts, until the deadline comes nearer', (t) => {
  // A third of two processors in two minutes: 40 s of each.
  const read = times([0, 0], [80, 120]);
  t.is(runClock({ minutes: 10, deadlineMinutes: 60, threads: 2, read })(), 40);
  // Nothing was left for it: half of the deadline is half of the time.
  const starved = times([0, 0], [2, 900]);
  t.is(runClock({ minutes: 10, deadlineMinutes: 30, threads: 2, read: starved })(), 300);
});

test('of many threads four count: more are never busy all the time', (t) => {
  const read = times([0, 0], [200, 100]);
  t.is(runClock({ minutes: 10, deadlineMinutes: 30, threads: 16, read })(), 50);
});
