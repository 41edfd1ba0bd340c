import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from '@foxglove/rosmsg';
import test from 'ava';
import { perceptionStatusCodec } from '../../msgs/perception-status.js';

/** The repository's root, from wherever the compiled test lies. */
function repositoryRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

const PACKAGE = join(repositoryRoot(), 'msgs', 'rxdepth_msgs');

test('the codec has the fields of the .msg file from which colcon builds the interface', (t) => {
  const file = readFileSync(join(PACKAGE, 'msg', 'PerceptionStatus.msg'), 'utf8');
  const fields = file
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .join('\n');
  t.true(perceptionStatusCodec.definition.startsWith(`${fields}\n`));
});

test('field names are legal in every language that rosidl generates', (t) => {
  const keywords = ['lambda', 'class', 'from', 'in', 'is', 'global', 'new', 'delete', 'default', 'private'];
  for (const { name } of parse(perceptionStatusCodec.definition, { ros2: true })[0]?.definitions ?? []) {
    t.regex(name, /^[a-z]([a-z0-9]|_(?=[a-z0-9]))*$/);
    t.false(keywords.includes(name), name);
  }
});

test('the interface package names its message and the packages that the message uses', (t) => {
  const cmake = readFileSync(join(PACKAGE, 'CMakeLists.txt'), 'utf8');
  t.regex(
    cmake,
    /rosidl_generate_interfaces\(\$\{PROJECT_NAME\}\s+"msg\/PerceptionStatus\.msg"\s+DEPENDENCIES std_msgs\s+\)/,
  );
  const xml = readFileSync(join(PACKAGE, 'package.xml'), 'utf8');
  for (const tag of [
    '<name>rxdepth_msgs<',
    '<depend>std_msgs<',
    '<member_of_group>rosidl_interface_packages<',
  ]) {
    t.true(xml.includes(tag), tag);
  }
});
