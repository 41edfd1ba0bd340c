import test from 'ava';
import type { LearningContext } from '../../../../training/adaptation/adaptation-method.js';
import { learningSeconds } from '../../../../training/adaptation/learning/learning-seconds.js';

const left = (minutes: number, seconds: number, share = 1) =>
  // Nothing else of a context is asked for.
  learningSeconds({ options: { minutes }, elapsed: () => seconds, share } as unknown as LearningContext);

test('what preparing and judging leave is for learning, and never less than a share of the run', (t) => {
  t.is(left(10, 100), 600 - 100 - 150);
  t.is(left(10, 100, 0.5), 175);
  t.is(left(10, 440), 0.15 * 600, 'preparing took longer than anybody thought');
  t.is(left(1, 3000), 9);
});
