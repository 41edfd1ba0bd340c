import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { parse } from 'yaml';
import { packageRoot } from '../../../models/package-root.js';
import {
  parameterFile,
  parameterJsonSchema,
  withParameterTable,
} from '../../../nodes/perception-node/parameter-documents.js';
import {
  applyParameters,
  DECLARATIONS,
  DEFAULTS,
  PARAMETERS,
} from '../../../nodes/perception-node/parameters.js';
import { startingParameters } from '../../../nodes/perception-node/starting-parameters.js';

const launchFile = (name: string) => readFileSync(path.join(packageRoot(), 'launch', name), 'utf8');
const silent = { info: () => {}, warn: () => {}, error: () => {} };

test('the parameter file, the JSON Schema and the table in launch/ are those of the code', (t) => {
  t.is(launchFile('config/perception.yaml'), parameterFile(), 'run `npm run docs:parameters`');
  t.is(launchFile('config/perception.schema.json'), parameterJsonSchema(), 'run `npm run docs:parameters`');
  const readme = launchFile('README.md');
  t.is(readme, withParameterTable(readme), 'run `npm run docs:parameters`');
  for (const name of Object.keys(PARAMETERS)) t.true(readme.includes(`| \`${name}\` |`), name);
});

test('the parameter file holds the defaults, and the node starts with it', (t) => {
  const content = parse(parameterFile())['/**'].ros__parameters as Record<string, unknown>;
  t.deepEqual(content, { ...DEFAULTS });
  const { values, wrong } = startingParameters(new Map(Object.entries(content)), silent);
  t.deepEqual(values, DEFAULTS);
  t.is(wrong.size, 0);
});

test('every parameter is declared with a description of what it means and when it takes effect', (t) => {
  for (const { description, name } of DECLARATIONS) t.regex(description, /.{20,}\. Takes effect .*\.$/, name);
  t.deepEqual(
    DECLARATIONS.find(({ name }) => name === 'points_stride'),
    {
      name: 'points_stride',
      type: 'integer',
      default: 4,
      range: [1, 64],
      description: 'A point for every n-th pixel of every n-th row [pixels]. Takes effect at once.',
    },
  );
});

const wrongValues: [name: string, value: unknown, expected: RegExp][] = [
  ['points_stride', 2.5, /expected `a whole number from 1 to 64`, got 2\.5/],
  ['points_stride', '4', /expected `a whole number from 1 to 64`, got "4"/],
  ['max_age', -1, /expected `a number from 0 to 60`, got -1/],
  ['max_age', Number.NaN, /expected `a number from 0 to 60`, got NaN/],
  ['obstacle_min_height', 2, /expected less than `obstacle_max_height` \(2\), got 2/],
  [
    'obstacle_max_height',
    0.2,
    /`obstacle_min_height`: expected less than `obstacle_max_height` \(0.2\), got 0.3/,
  ],
  ['device', 'gpu', /expected `auto \| cpu \| webgpu \| cuda`, got "gpu"/],
  ['lazy', 1, /expected `true \| false`, got 1/],
  ['model', 3, /expected `a string`, got 3/],
  ['toString', 'x', /there is no parameter `toString`/],
];

for (const [name, value, expected] of wrongValues) {
  test(`${name} = ${String(value)} (${typeof value}) is refused with what was expected`, (t) => {
    const applied = applyParameters(DEFAULTS, new Map([[name, value]]));
    t.true('problems' in applied);
    if ('problems' in applied) t.regex(applied.problems.get(name) ?? '', expected);
  });
}

test('a node that is started with a wrong value keeps the others and says what is wrong', (t) => {
  const said: string[] = [];
  const log = {
    ...silent,
    warn: (text: string) => said.push(text),
    error: (text: string) => said.push(text),
  };
  const overrides = new Map<string, unknown>([
    ['max_age', 2],
    ['device', 'tpu'],
    ['maxage', 1],
  ]);
  const { values, wrong } = startingParameters(overrides, log);
  t.is(values.max_age, 2);
  t.is(values.device, 'auto');
  t.deepEqual([...wrong.keys()], ['device']);
  t.regex(said.join('\n'), /`maxage` is unknown and ignored\n`device`: expected `auto \| /);
});

test('heights of obstacles are judged together, whatever their order', (t) => {
  const [high, higher] = [
    ['obstacle_min_height', 3],
    ['obstacle_max_height', 4],
  ] as const;
  for (const given of [
    [high, higher],
    [higher, high],
  ]) {
    const { values, wrong } = startingParameters(new Map<string, unknown>(given), silent);
    t.like(values, { obstacle_min_height: 3, obstacle_max_height: 4 });
    t.is(wrong.size, 0);
  }
  const { values, wrong } = startingParameters(new Map<string, unknown>([high, ['max_age', 2]]), silent);
  t.like(values, { obstacle_min_height: DEFAULTS.obstacle_min_height, max_age: 2 });
  t.deepEqual([...wrong.keys()], ['obstacle_min_height']);
});
