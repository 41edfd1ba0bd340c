import test from 'ava';
import { parameterOverrides } from '../../../../nodes/transport/ros2/parameter-overrides.js';

const read = (files: Readonly<Record<string, string>>) => (file: string) => files[file] ?? '';

function given(
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
  node = '/front/perception',
) {
  return Object.fromEntries(parameterOverrides(args, node, read(files)));
}

test('assignments on the command line: for all nodes, for one by name, in YAML types', (t) => {
  const args = [
    '--ros-args',
    '-p',
    'a:=1',
    '-p',
    'perception:b:=true',
    '-p',
    'other:c:=x',
    '--param',
    "d:='3'",
  ];
  t.deepEqual(given([...args, '-p', 'e:=http://x:=y', '--', '-p', 'f:=1']), {
    ...{ a: 1, b: true, d: '3', e: 'http://x:=y' },
  });
});

test('without --ros-args nothing is given', (t) => {
  t.deepEqual(given(['-p', 'a:=1']), {});
});

for (const [key, applies] of [
  ['/**', true],
  ['perception', true],
  ['/front/perception', true],
  ['/*/perception', true],
  ['/**/perception', true],
  ['/front/**', true],
  ['/perception', false],
  ['/rear/perception', false],
  ['/*', false],
  ['front', false],
] as const) {
  test(`a section \`${key}\` ${applies ? 'applies' : 'does not apply'} to /front/perception`, (t) => {
    const file = `${JSON.stringify(key)}:\n  ros__parameters:\n    scale: 2.5\n`;
    t.deepEqual(given(['--ros-args', '--params-file', 'f'], { f: file }), applies ? { scale: 2.5 } : {});
  });
}

test('namespaces may be nested, parameters too, and later values win', (t) => {
  const nested = 'front:\n  perception:\n    ros__parameters:\n      a: {b: 1, c: 2}\n      d: 1\n';
  const later = '/**:\n  ros__parameters:\n    d: 2\n';
  const args = ['--ros-args', '--params-file', 'f', '--params-file', 'g', '-p', 'a.b:=7'];
  t.deepEqual(given(args, { f: nested, g: later }), { 'a.b': 7, 'a.c': 2, d: 2 });
});

test('what is no YAML is an error that names the file', (t) => {
  t.throws(() => given(['--ros-args', '--params-file', 'bad.yaml'], { 'bad.yaml': 'a: [' }), {
    name: 'NodeError',
    message: /^bad\.yaml is no YAML: /,
  });
});
