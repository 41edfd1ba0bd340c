import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { openBag } from '../../../msgs/bag/open-bag.js';
import { BagDigests } from '../../../nodes/fleet/bag-digests.js';
import { treeDigest } from '../../../nodes/fleet/tree-digest.js';
import { uploadFolder } from '../../../nodes/fleet/upload-folder.js';
import { runRxdepth } from '../../bin/run-rxdepth.js';
import { startFileServer } from '../../msgs/remote/file-server.js';
import { BUCKET, startS3Store } from '../../msgs/remote/s3-store.js';
import { CAMERA_INFO, IMAGE, logTime, writeTestBag } from '../test-bag.js';
import { testImage, testInfo } from '../test-messages.js';
import { writeTestModel } from '../test-model.js';

async function drive(folder: string): Promise<string> {
  const at = { stampNs: logTime(0) };
  return await writeTestBag(folder, [
    { topic: '/camera/image', type: IMAGE, logTimeNs: logTime(0), message: testImage(at) },
    { topic: '/camera/camera_info', type: CAMERA_INFO, logTimeNs: logTime(0), message: testInfo(at) },
  ]);
}

test.serial(
  'a fleet replays a bag of a store into the store, once, and keeps no output on this machine',
  async (t) => {
    t.timeout(20 * 60_000);
    const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-fleet-s3-'));
    t.teardown(() => rm(root, { recursive: true, force: true }));
    const store = await startS3Store(path.join(root, 'store'));
    t.teardown(() => store.close());
    const before = { ...process.env };
    Object.assign(process.env, store.env);
    t.teardown(() => {
      process.env = before;
    });
    await writeTestModel(path.join(root, 'model'));
    const local = await drive(path.join(root, 'monday'));
    const bag = `s3://${BUCKET}/car/monday`;
    await uploadFolder(local, bag);
    const args = [
      'fleet',
      'replay',
      bag,
      '-o',
      'out',
      '--upload',
      `s3://${BUCKET}/results/`,
      '--model',
      'model',
    ];
    const command = [...args, '--workers', '1', '--replay-flags', '--no-motion --device cpu'];
    const first = await runRxdepth(command, { cwd: root });
    t.is(first.code, 0, first.stderr + first.stdout);
    const [job] = JSON.parse(await readFile(path.join(root, 'out', 'report.json'), 'utf8')).jobs;
    t.is(job.bag, bag);
    t.regex(job.output, /^monday-[0-9a-f]{12}$/);
    const output = await openBag(`s3://${BUCKET}/results/${job.output}`);
    t.true(output.topics.some(({ topic }) => topic === '/rxdepth/depth/image'));
    await output.close();
    t.false(existsSync(path.join(root, 'out', job.output)));
    t.deepEqual(
      (await readdir(path.join(root, 'out'))).filter((name) => name.startsWith('.')),
      [],
    );

    const again = await runRxdepth(command, { cwd: root });
    t.regex(again.stdout, /: 0 done, 1 done before, 0 failed, 0 left/, again.stderr);
    const gone = `s3://${BUCKET}/car/gone.mcap`;
    const third = await runRxdepth([...command.slice(0, 2), gone, ...command.slice(2)], { cwd: root });
    t.is(third.code, 1, 'a bag that is not there fails alone');
    t.regex(third.stdout, /^2 bags in .* s: 0 done, 1 done before, 1 failed, 0 left/, third.stderr);
    t.regex(third.stderr, /gone\.mcap: failed: .*NoSuchKey/);

    const here = await runRxdepth(['fleet', 'replay', 'monday', '-o', 'none', '--upload', 'here'], {
      cwd: root,
    });
    t.regex(here.stderr, /expected `s3:\/\/BUCKET\/KEY`/);
  },
);

test.serial('a bag has the same identity at a URL as on disk, and is read once to find it', async (t) => {
  t.timeout(10 * 60_000);
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-fleet-digest-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const local = await drive(path.join(root, 'monday'));
  const files = new Map<string, Buffer>();
  for (const name of await readdir(local))
    files.set(`/car/monday/${name}`, await readFile(path.join(local, name)));
  const file = [...files.keys()].find((name) => name.endsWith('.mcap')) ?? '';
  const server = await startFileServer(files);
  t.teardown(() => server.close());
  const folder = path.join(root, 'fleet');
  await mkdir(folder);
  await writeFile(path.join(folder, 'digests.json'), 'damaged');
  const digest = async (place: string) => await new BagDigests(folder).of(place);
  t.is(await digest(`${server.url}/car/monday`), await treeDigest(local));
  t.is(await digest(`${server.url}${file}`), await treeDigest(path.join(local, path.basename(file))));
  const { sent } = server;
  t.is(await digest(`${server.url}${file}?token=other`), await digest(`${server.url}${file}`));
  t.true(server.sent - sent < 100, 'only asked whether it is the same');
  await t.throwsAsync(digest(`${server.url}/none.mcap`), { message: /404/ });
});
