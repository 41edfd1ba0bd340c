import anyTest, { type TestFn } from 'ava';
import type { AdaptationMethod, LearningContext } from '../../../training/adaptation/adaptation-method.js';
import type { Drives } from '../../../training/adaptation/drive/survey-drives.js';
import { refusalOf } from '../../../training/adaptation/refusal-of.js';
import { severalMethods } from '../../../training/adaptation/several-methods.js';

const test = anyTest as TestFn<{ seen: LearningContext[]; lines: string[] }>;

test.beforeEach((t) => {
  t.context = { seen: [], lines: [] };
});

function method(name: string, reason: string | undefined, seen: LearningContext[]): AdaptationMethod {
  return {
    ...{ name, learnsFrom: `what ${name} needs`, needsMotion: name === 'moving', usesTeachers: false },
    improves: ['depth'],
    refusal: () => reason,
    targets: () => ({ learn: name.length, judge: 3 }),
    learn: async (context) => {
      seen.push(context);
      return undefined;
    },
  };
}

const DRIVES = {} as Drives; // the methods of these tests do not look at them

function context(lines: string[], steps: number | undefined): LearningContext {
  const options = { steps, work: { folder: 'work' }, report: (line: string) => lines.push(line) };
  return { options, drives: DRIVES, share: 1, logFile: 'log.csv' } as unknown as LearningContext;
}

test('a method that has nothing to learn from is left out with its reason, and the others have all time and steps', async (t) => {
  const { seen, lines } = t.context;
  const both = severalMethods([
    method('moving', 'the camera hardly moves', seen),
    method('still', undefined, seen),
  ]);
  t.is(both.refusal(DRIVES), undefined);
  t.deepEqual(both.targets(DRIVES), { learn: 5, judge: 3 });
  t.is(await both.learn(context(lines, 7)), undefined, 'as the method said: stopped');
  t.deepEqual(lines, ['moving is left out: the camera hardly moves', 'still learns from 5 pictures']);
  t.is(seen.length, 1);
  t.is(seen[0].options.steps, 7);
  t.is(seen[0].share, 1);
  t.is(seen[0].before, undefined);
});

test('time and steps are shared, and too few steps are an error', async (t) => {
  const { seen, lines } = t.context;
  const both = severalMethods([method('moving', undefined, seen), method('still', undefined, seen)]);
  await both.learn(context(lines, 7));
  t.is(seen[0].options.steps, 3);
  t.is(seen[0].share, 0.5);
  t.regex(seen[0].logFile, /log-moving\.csv$/);
  await t.throwsAsync(both.learn(context(lines, 1)), {
    name: 'TrainingError',
    message: /--steps: expected at least `2`, one for each of moving, still; got 1/,
  });
});

test('where every method refuses, each says why, and which other one would learn', (t) => {
  const { seen } = t.context;
  const [moving, still] = [method('moving', 'it stands', seen), method('still', 'it is dark', seen)];
  const radar = method('radar', undefined, seen);
  t.is(
    refusalOf(severalMethods([moving, still]), DRIVES, [moving, still, radar]),
    'moving: it stands; still: it is dark; `--method radar` would learn from what radar needs',
  );
  t.is(refusalOf(moving, DRIVES, [moving, still]), 'it stands', 'who refuses too is not named');
  t.is(refusalOf(radar, DRIVES, [moving, still, radar]), undefined);
});
