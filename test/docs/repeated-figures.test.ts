import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { packageRoot } from '../../models/package-root.js';
import { numbersIn, roundsTo } from './figures.js';
import { tableRows } from './table-rows.js';

const read = (document: string): string => readFileSync(path.join(packageRoot(), document), 'utf8');

/** Figures of a document that a measurement tells too: the sentence, and rows one of which tells the number. */
const REPEATED: readonly {
  readonly what: string;
  /** README.md unless another one is named. */
  readonly by?: string;
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
  ...['README.md', 'docs/ros2.md'].flatMap((by) => [
    {
      ...{ by, what: 'latency of a jpeg', sentence: /([\d.]+) ms(?: from stamp|; 120 ms)/ },
      ...{ document: 'docs/measurements/ros2.md', rows: /^\| a recording at 10 Hz/ },
    },
    {
      ...{ by, what: 'latency of what compares frames', sentence: /79 ms.*?\b([\d.]+) ms for/ },
      ...{ document: 'docs/measurements/ros2.md', rows: /^\| a recording at 10 Hz/ },
    },
    {
      ...{ by, what: 'rate of 1920x1080', sentence: /1920x1080.*?\b([\d.]+) Hz(?:\.| \|)/ },
      ...{ document: 'docs/measurements/ros2.md', rows: /^\| 1920x1080 rgb8 at 30 Hz/ },
    },
  ]),
  {
    what: 'memory of the node',
    sentence: /takes about ([\d.]+) MB of memory/,
    document: 'docs/measurements/ros2.md',
    rows: /memory/,
  },
  ...[/odometry drifts: ([\d.]+) to/, /odometry drifts: [\d.]+ to ([\d.]+) m in 100 m/].map((sentence) => ({
    ...{ what: `drift, ${sentence}`, sentence },
    ...{ document: 'docs/measurements/odometry.md', rows: /^\|.*\bm\b/ },
  })),
  {
    what: 'precision of people and vehicles',
    sentence: /outlined frames, ([\d.]+) % are right/,
    document: 'docs/measurements/model.md',
    rows: /^\| \*\*shipped\*\*: taught by several views/,
  },
  {
    what: 'recall of people and vehicles',
    sentence: /It finds ([\d.]+) % of those/,
    document: 'docs/measurements/model.md',
    rows: /^\| \*\*shipped\*\*: taught by several views/,
  },
  ...[/changed by (-[\d.]+) to/, /changed by -[\d.]+ to \+([\d.]+) %/].map((sentence) => ({
    ...{ what: `other roads after an adaptation, ${sentence}`, sentence },
    ...{ document: 'docs/measurements/adaptation.md', rows: /^\| `kitti_\w+` \| \d \| \*\*promoted/ },
  })),
];

test('numbers are found as they are written, and rounded to the figures of another', (t) => {
  t.deepEqual(numbersIn('| `a`, 1242x375 | 38.5 | -2.1 to 3.0 m, 12,009 images |'), [38.5, -2.1, 3, 12_009]);
  t.deepEqual(
    [roundsTo(31.3, '31'), roundsTo(31.5, '31'), roundsTo(0.1794, '0.179'), roundsTo(0.18, '0.179')],
    [true, false, true, false],
  );
});

for (const { what, by = 'README.md', sentence, document, rows } of REPEATED) {
  test(`${by} repeats what ${document} says: ${what}`, (t) => {
    const told = sentence.exec(read(by))?.[1];
    if (told === undefined) {
      t.fail(`${by} no longer says ${sentence}: change this list with it`);
      return;
    }
    const measured = read(document)
      .split('\n')
      .filter((line) => rows.test(line))
      .flatMap(numbersIn);
    t.true(
      measured.some((number) => roundsTo(number, told)),
      `${by} says ${told}; ${document} has ${measured.join(', ')}`,
    );
  });
}

test("README's table of the shipped model repeats the table of its measurement", (t) => {
  const drives: Readonly<Record<string, string>> = {
    'KITTI, queueing traffic': '`kitti_traffic_jam`',
    'KITTI, country road': '`kitti_road_raw`',
    'KITTI, residential street': '`kitti_stereo_1`',
  };
  const told = tableRows(read('README.md'), 'real drive');
  const measured = tableRows(read('docs/measurements/model.md'), 'shipped model, drive');
  t.deepEqual(
    told.map((row) => row['real drive']),
    Object.keys(drives),
  );
  for (const row of told) {
    const same = measured.find((other) => other['shipped model, drive'] === drives[row['real drive'] ?? '']);
    for (const column of ['AbsRel, median-scaled', 'AbsRel in metres', 'images with a phantom'])
      t.is(
        row[column] ?? 'no such column',
        same?.[column] ?? 'not measured',
        `${row['real drive']}: ${column}`,
      );
  }
});

test("the model's measurement names the weights that are shipped", (t) => {
  const { provenance } = JSON.parse(read('models/lite/manifest.json')) as {
    provenance: { readonly createdAt: string };
  };
  const [date = '', time = ''] = provenance.createdAt.split('T');
  t.true(
    read('docs/measurements/model.md').includes(`made ${date} ${time.slice(0, 5)} UTC`),
    `docs/measurements/model.md does not say that it measures the model of ${provenance.createdAt}`,
  );
});
