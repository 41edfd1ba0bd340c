import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { openBag } from '../../../msgs/bag/open-bag.js';

test('a bag of ROS 1 is refused by what it is, with the command that converts it, whatever it is called', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-ros1-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await mkdir(path.join(folder, 'drive'));
  for (const name of ['drive.bag', 'renamed.mcap', 'drive/2015.bag']) {
    await writeFile(path.join(folder, name), '#ROSBAG V2.0\nE\0\0\0');
    const opened = name.includes('/') ? path.dirname(name) : name;
    await t.throwsAsync(openBag(path.join(folder, opened)), {
      name: 'MessageError',
      message:
        /is a bag of ROS 1 \(#ROSBAG V2\.0\); convert it: `pip install rosbags && rosbags-convert --src .* --dst .*_ros2`/,
    });
  }
  await writeFile(path.join(folder, 'other.bag'), 'something');
  await t.throwsAsync(openBag(path.join(folder, 'other.bag')), { message: /is no bag/ });
});
