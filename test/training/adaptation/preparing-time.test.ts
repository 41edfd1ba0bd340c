import test from 'ava';
import { PreparingTime } from '../../../training/adaptation/preparing-time.js';

/** A run whose first picture takes 3 s, and every other one half a second. */
function looked(minutes: number, pictures: number, samples = 0): string | undefined {
  let seconds = 0;
  const time = new PreparingTime({ minutes, pictures, samples, elapsed: () => seconds });
  for (let i = 0; i < pictures; i++) {
    seconds += i === 0 ? 3 : 0.5;
    try {
      time.looked();
    } catch (error) {
      return `${i + 1}: ${(error as Error).message}`;
    }
  }
  return undefined;
}

test('minutes in which the pictures cannot be looked at are told after a few of them, with those that do', (t) => {
  const said = looked(1, 303) ?? '';
  // By hand: 12.5 s are over; half a second for each of 1.2 x 303 pictures, but twenty: 184.3 s. Of 5.5 minutes 82.5 s are for
  // the judge, 49.5 s to learn.
  t.regex(said, /^20: --minutes: looking at `303` pictures .* about 185 s of an idle machine/);
  t.regex(
    said,
    /`1` minutes leave too little .* expected at least `5.5`, on a busy machine `11`, or fewer --frames/,
  );
  t.is(looked(5.5, 303), undefined, 'what it says is enough');
  t.regex(looked(5, 303) ?? '', /expected at least `5.5`/);
});

test('samples that have to be drawn first count, too', (t) => {
  t.is(looked(2, 40), undefined);
  t.regex(looked(2, 40, 240) ?? '', /and drawing `240` samples of the simulator, once, takes about 87 s/);
});

test('a drive of a few pictures is not worth a forecast', (t) => {
  t.is(looked(0.01, 20), undefined);
});
