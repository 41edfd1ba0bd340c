import test from 'ava';
import { ParameterOverrides } from '../../../../nodes/transport/ros2/parameter-overrides.js';

const read = (files: Readonly<Record<string, string>>) => (file: string) => files[file] ?? '';

function given(
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
  node = '/front/perception',
) {
  return Object.fromEntries(new ParameterOverrides(args, read(files)).of(node).values);
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

const file = (text: string) => () => given(['--ros-args', '--params-file', 'bad.yaml'], { 'bad.yaml': text });

test('what is no parameter file is an error that names the file and what was expected', (t) => {
  for (const text of [
    'a: [',
    '/**:\n  ros__parameters:\n    lazy: true\n   max_age: 1\n',
    'a: "x',
    '{',
    'a:\n\t- b',
  ]) {
    t.throws(file(text), { name: 'NodeError', message: /^bad\.yaml is no YAML: .*line \d/ }, text);
  }
  for (const text of ['', 'lazy', '- lazy: true', '3', 'lazy: true', 'perception:\n  lazy: true\n']) {
    const message = /^bad\.yaml is no parameter file: .*expected `NODE: \{ros__parameters/;
    t.throws(file(text), { name: 'NodeError', message }, text);
  }
  const empty = 'perception:\n  ros__parameters: true\n';
  t.throws(file(empty), {
    name: 'NodeError',
    message: /`ros__parameters` of `perception` has no parameters/,
  });
});

test('an assignment that is none is an error that repeats it', (t) => {
  const assign = (text: string) => () => given(['--ros-args', '-p', text]);
  t.throws(assign('lazy=true'), { name: 'NodeError', message: '`-p lazy=true`: expected `NAME:=VALUE`' });
  t.throws(() => given(['--ros-args', '-p']), { name: 'NodeError', message: '`-p`: nothing follows it' });
  t.throws(assign('lazy:=['), { name: 'NodeError', message: /^`-p lazy:=\[`: the value is no YAML: / });
});

test('every --ros-args section counts', (t) => {
  t.deepEqual(given(['--ros-args', '-p', 'a:=1', '--', 'x', '--ros-args', '-p', 'b:=yes']), {
    a: 1,
    b: true,
  });
});

test('a file that has no section for the node is told', (t) => {
  const text = '/other:\n  ros__parameters:\n    a: 1\n';
  const given = new ParameterOverrides(['--ros-args', '--params-file', 'f'], () => text);
  t.deepEqual(given.of('/front/perception').unused, ['f']);
  t.deepEqual(given.of('/other').unused, []);
});

test('what is no parameter is left to ROS', (t) => {
  const args = ['-p', '--ros-args', '-p', 'a:=[1, 2]', '-r', 'x:=y', '--params-file', 'f', '--', '-p', 'b'];
  const given = new ParameterOverrides(args, () => '/**:\n  ros__parameters: {c: [1]}\n');
  t.deepEqual(given.others, ['-p', '--ros-args', '-r', 'x:=y', '--', '-p', 'b']);
  t.deepEqual(Object.fromEntries(given.of('/n').values), { a: [1, 2], c: [1] });
});
