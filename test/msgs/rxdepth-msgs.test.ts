import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from '@foxglove/rosmsg';
import test from 'ava';
import { adaptationStatusCodec } from '../../msgs/adaptation-status.js';
import { perceptionStatusCodec } from '../../msgs/perception-status.js';

/** The repository's root, from wherever the compiled test lies. */
function repositoryRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

const PACKAGE = join(repositoryRoot(), 'msgs', 'rxdepth_msgs');

for (const { type, definition } of [perceptionStatusCodec, adaptationStatusCodec]) {
  test(`the codec of ${type} has the fields of the .msg file from which colcon builds the interface`, (t) => {
    const file = readFileSync(join(PACKAGE, 'msg', `${type.split('/')[2]}.msg`), 'utf8');
    const fields = file
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .join('\n');
    t.true(definition.startsWith(`${fields}\n`));
  });

  test(`field names of ${type} are legal in every language that rosidl generates`, (t) => {
    const keywords = ['lambda', 'class', 'from', 'in', 'is', 'global', 'new', 'delete', 'default', 'private'];
    for (const field of parse(definition, { ros2: true })[0]?.definitions ?? []) {
      t.regex(field.name, field.isConstant === true ? /^[A-Z]+$/ : /^[a-z]([a-z0-9]|_(?=[a-z0-9]))*$/);
      t.false(keywords.includes(field.name), field.name);
    }
  });
}

test('the interface package names its messages and services, and the packages that they use', (t) => {
  const cmake = readFileSync(join(PACKAGE, 'CMakeLists.txt'), 'utf8');
  const named = [...cmake.matchAll(/"((?:msg|srv)\/\w+\.\w+)"/g)].map(([, file]) => file);
  const present = ['msg', 'srv'].flatMap((kind) =>
    readdirSync(join(PACKAGE, kind)).map((file) => `${kind}/${file}`),
  );
  t.deepEqual(named.sort(), present.sort());
  t.regex(cmake, /DEPENDENCIES std_msgs\s+\)/);
  const xml = readFileSync(join(PACKAGE, 'package.xml'), 'utf8');
  for (const tag of [
    '<name>rxdepth_msgs<',
    '<depend>std_msgs<',
    '<member_of_group>rosidl_interface_packages<',
  ]) {
    t.true(xml.includes(tag), tag);
  }
});
