import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { readAll } from './read-all.js';

/** Folder with real recordings: `RXDEPTH_DATA`, or `../shared/data` beside the repository. */
function dataFolder(): string {
  const given = process.env.RXDEPTH_DATA;
  if (given) return given;
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return join(folder, '..', 'shared', 'data');
}

const recorded: Record<string, Record<string, number>> = {
  kitti_traffic_jam: {
    '/kitti/camera/color/left/camera_info': 40,
    '/kitti/camera/color/left/image_rect/compressed': 40,
    '/kitti/velo/points': 40,
    '/tf_static': 1,
  },
  kitti_street_0: { '/camera/camera_info': 5, '/camera/image_raw/compressed': 5 },
  kitti_street_1: { '/camera/camera_info': 5, '/camera/image_raw/compressed': 5 },
  highway_dashcam: { '/dashcam/camera_info': 221, '/dashcam/image_raw/compressed': 221 },
};

for (const [name, counts] of Object.entries(recorded)) {
  test(`the recorded bag ${name} has all its messages, in order`, async (t) => {
    const path = join(dataFolder(), name);
    if (!existsSync(path)) {
      t.log(`skipped: \`${path}\` is not there (set RXDEPTH_DATA)`);
      t.pass();
      return;
    }
    const bag = await readAll(path);
    const found: Record<string, number> = {};
    let last = 0n;
    for (const { topic, logTimeNs } of bag.messages) {
      found[topic] = (found[topic] ?? 0) + 1;
      t.true(logTimeNs >= last);
      last = logTimeNs;
    }
    t.deepEqual(found, counts);
    t.is(bag.messageCount, bag.messages.length);
    t.deepEqual(bag.problems, []);
    t.true(bag.topics.every(({ definition }) => definition !== undefined));
  });
}
