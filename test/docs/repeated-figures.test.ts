import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { packageRoot } from '../../models/package-root.js';
import { numbersIn, roundsTo } from './figures.js';

const read = (document: string): string => readFileSync(path.join(packageRoot(), document), 'utf8');

/** Figures of README that a measurement tells too: README's sentence, and rows one of which tells the number. */
const REPEATED: readonly {
  readonly what: string;
  readonly sentence: RegExp;
  readonly document: string;
  readonly rows: RegExp;
}[] = [
  {
    what: 'frames a second of a replay',
    sentence: /makes ([\d.]+) frames a second of 1242x375/,
    document: 'docs/measurements/speed.md',
    rows: /^\|[^|]*\breplay\b/,
  },
  {
    what: 'frames a second without motion',
    sentence: /or ([\d.]+) with `--no-motion`/,
    document: 'docs/measurements/speed.md',
    rows: /^\|[^|]*(\breplay\b.*--no-motion|models\/lite)/,
  },
  {
    what: 'latency of 1242x375',
    sentence: /takes ([\d.]+) ms for 1242x375/,
    document: 'docs/measurements/speed.md',
    rows: /^\|.*\b1242x375\b/,
  },
  {
    what: 'latency of 1920x1080',
    sentence: /([\d.]+) ms for 1920x1080/,
    document: 'docs/measurements/speed.md',
    rows: /^\|.*\b1920x1080\b/,
  },
  {
    what: 'memory of the node',
    sentence: /takes about ([\d.]+) MB of memory/,
    document: 'docs/measurements/ros2.md',
    rows: /memory/,
  },
  {
    what: 'least drift',
    sentence: /odometry drifts: ([\d.]+) to [\d.]+ m in 100 m/,
    document: 'docs/measurements/odometry.md',
    rows: /^\|.*\bm\b/,
  },
  {
    what: 'most drift',
    sentence: /odometry drifts: [\d.]+ to ([\d.]+) m in 100 m/,
    document: 'docs/measurements/odometry.md',
    rows: /^\|.*\bm\b/,
  },
];

test('numbers are found as they are written, and rounded to the figures of another', (t) => {
  t.deepEqual(numbersIn('| `a`, 1242x375 | 38.5 | -2.1 to 3.0 m, 12,009 images |'), [38.5, -2.1, 3, 12_009]);
  t.deepEqual(
    [roundsTo(31.3, '31'), roundsTo(31.5, '31'), roundsTo(0.1794, '0.179'), roundsTo(0.18, '0.179')],
    [true, false, true, false],
  );
});

for (const { what, sentence, document, rows } of REPEATED) {
  test(`README repeats what ${document} says: ${what}`, (t) => {
    const told = sentence.exec(read('README.md'))?.[1];
    // A sentence that is gone, or is a link now, repeats nothing.
    if (told === undefined) {
      t.pass();
      return;
    }
    const measured = read(document)
      .split('\n')
      .filter((line) => rows.test(line))
      .flatMap(numbersIn);
    t.true(
      measured.some((number) => roundsTo(number, told)),
      `README says ${told}; ${document} has ${measured.join(', ')}`,
    );
  });
}
