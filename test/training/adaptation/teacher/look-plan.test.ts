import test from 'ava';
import { lookPlan, MOST_TAUGHT } from '../../../../training/adaptation/teacher/look-plan.js';

const targets = (count: number) => Array.from({ length: count }, (_, i) => ({ target: i + 1, next: i + 2 }));
const unknown = () => false;

test('with time for all every picture is looked at once, whatever their number', (t) => {
  for (const count of [1, 2, 5, 8, 13, 100]) {
    const plan = lookPlan(targets(count), {
      withNext: true,
      known: unknown,
      looks: Number.POSITIVE_INFINITY,
    });
    t.is(new Set(plan.targets).size, count);
    t.is(plan.targets.length, count);
    t.deepEqual(
      plan.frames,
      Array.from({ length: count + 1 }, (_, i) => i + 1),
    );
  }
});

test('with less time pictures are spread evenly, and more time adds others between them', (t) => {
  const few = lookPlan(targets(160), { withNext: false, known: unknown, looks: 20 }).frames;
  const more = lookPlan(targets(160), { withNext: false, known: unknown, looks: 40 }).frames;
  t.is(few.length, 20);
  const gaps = few.slice(1).map((frame, i) => frame - few[i]);
  t.true(Math.max(...gaps) <= 2 * Math.min(...gaps), gaps.join());
  t.true(few.every((frame) => more.includes(frame)));
});

test('what is known costs no look, and no run teaches more than it can learn', (t) => {
  const even = (frame: number) => frame % 2 === 0;
  const plan = lookPlan(targets(10), { withNext: true, known: even, looks: 2 });
  t.is(plan.frames.length, 2);
  t.true(plan.frames.every((frame) => frame % 2 === 1));
  t.true(plan.targets.length >= 3, 'two looks complete the targets on either side');
  const many = lookPlan(targets(5000), { withNext: false, known: unknown, looks: Number.POSITIVE_INFINITY });
  t.is(many.targets.length, MOST_TAUGHT);
  t.true(Math.max(...many.frames) > 4900, 'spread over the whole drive');
});
