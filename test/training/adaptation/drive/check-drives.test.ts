import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { checkDrives } from '../../../../training/adaptation/drive/check-drives.js';
import { guardCamera } from '../../../../training/adaptation/judge/guard-drives.js';
import { domainNamed } from '../../../../training/simulator/domains.js';
import { simulateDrive } from '../../../../training/simulator/drive.js';
import { DriveRecorder } from '../../../../training/simulator/drive-recorder.js';

const test = anyTest as TestFn<{ root: string; drive: string; other: string }>;

async function record(folder: string, seed: number): Promise<string> {
  const recorder = await DriveRecorder.create(folder, { overwrite: false, startNs: 1_000_000_000n });
  const size = { width: 64, height: 32 };
  for (const frame of simulateDrive({
    domain: domainNamed('town-clean'),
    seed,
    frames: 1,
    frameRate: 10,
    ...size,
  }))
    await recorder.write(frame);
  await recorder.close();
  return folder;
}

test.beforeEach(async (t) => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-check-'));
  t.context = {
    root,
    drive: await record(path.join(root, 'drive'), 1),
    other: await record(path.join(root, 'other'), 2),
  };
});
test.afterEach.always((t) => rm(t.context.root, { recursive: true }));

const check = (bags: readonly string[], guards: readonly string[] = []) =>
  checkDrives({ bags, guards, names: {} });

test('recordings that are there, have a camera and are different ones pass', async (t) => {
  const { drive, other } = t.context;
  await t.notThrowsAsync(check([drive], [other]));
  await t.notThrowsAsync(check([drive, other]));
});

test('a drive or a guard that is not there, is empty or has no camera is named', async (t) => {
  const { root, drive, other } = t.context;
  const nowhere = path.join(root, 'nowhere');
  await t.throwsAsync(check([nowhere]), {
    message: /cannot open the bag `.*nowhere`: no such file or folder/,
  });
  await t.throwsAsync(check([drive], [other, nowhere]), { message: /nowhere`: no such file/ });
  const empty = path.join(root, 'empty');
  await mkdir(empty);
  await t.throwsAsync(check([empty]), { message: /no bag in the folder `.*empty`/ });
  const damaged = path.join(root, 'damaged.mcap');
  await writeFile(damaged, 'no mcap at all');
  await t.throwsAsync(check([drive], [damaged]), { message: /damaged\.mcap/ });
  await t.throwsAsync(checkDrives({ bags: [drive], names: { image: '/nope' } }), { message: /`\/nope`/ });
});

test('what is learned from cannot guard, and nothing is named twice, by whatever name', async (t) => {
  const { root, drive, other } = t.context;
  const link = path.join(root, 'link');
  await symlink(drive, link);
  const file = (await readdir(drive)).find((name) => name.endsWith('.mcap')) ?? '';
  for (const same of [drive, `${drive}/`, link, path.join(drive, file)]) {
    await t.throwsAsync(check([drive], [other, same]), {
      name: 'TrainingError',
      message: /--guard .*: expected another drive, this one is learned from/,
    });
    await t.throwsAsync(check([drive, same]), { message: /bag .*: expected each drive once/ }, same);
  }
  await t.throwsAsync(check([drive], [other, other]), {
    message: /--guard .*other: expected each drive once/,
  });
});

test('what is said of the camera of the drives counts for a guard that has its image topic, and for no other', async (t) => {
  const { drive, other } = t.context;
  const names = { image: '/camera/image_rect_color/compressed', cameraInfo: '/camera/nothing' };
  const bag = (topic: string) =>
    ({ topics: [{ topic, type: 'sensor_msgs/msg/Image', serialization: 'cdr', messageCount: 1 }] }) as const;
  t.is(guardCamera(bag(names.image), names), names);
  t.deepEqual(guardCamera(bag('/rear/image'), names), {});
  t.deepEqual(guardCamera(bag('/rear/image'), {}), {});
  await t.throwsAsync(checkDrives({ bags: [drive], guards: [other], names }), { message: /camera\/nothing/ });
});
