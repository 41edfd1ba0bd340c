import test from 'ava';
import { type DriveSet, driveOptions } from '../../../../training/datasets/prepare/simulator-drives.js';
import { TrainingError } from '../../../../training/errors.js';

const SET: DriveSet = {
  ...{ domain: 'convoy+town-clean', drives: 3, framesPerDrive: 4, frameRate: 10, seed: 70 },
  ...{ width: 64, height: 32, focalPixels: 40 },
};

test('drives take turns among the domains, each with its own seed', (t) => {
  const drives = [0, 1, 2].map((drive) => driveOptions(SET, drive));
  t.deepEqual(
    drives.map(({ domain, seed }) => [domain.name, seed]),
    [
      ['convoy', 70],
      ['town-clean', 71],
      ['convoy', 72],
    ],
  );
  t.is(drives[0]?.frames, 4);
  t.is(drives[0]?.focalPixels, 40);
});

test('a domain that does not exist is refused by name', (t) => {
  const error = t.throws(() => driveOptions({ ...SET, domain: 'convoy+moon' }, 1), {
    instanceOf: TrainingError,
  });
  t.regex(error?.message ?? '', /`moon`.*`convoy`/);
});
