import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { CAMERA_INFO, IMAGE, logTime, writeTestBag } from '../test-bag.js';
import { testImage, testInfo } from '../test-messages.js';
import { writeTestModel } from '../test-model.js';

const RXDEPTH = fileURLToPath(new URL('../../../bin/rxdepth.js', import.meta.url));

test('a replay under an empty home writes its output and nothing else anywhere', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-home-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const at = (name: string) => path.join(folder, name);
  for (const name of ['home', 'tmp', 'cwd']) await mkdir(at(name));
  const model = await writeTestModel(at('model'));
  const drive = await writeTestBag(at('drive'), [
    {
      topic: '/camera/image',
      type: IMAGE,
      logTimeNs: logTime(0),
      message: testImage({ stampNs: logTime(0) }),
    },
    {
      topic: '/camera/camera_info',
      type: CAMERA_INFO,
      logTimeNs: logTime(0),
      message: testInfo({ stampNs: logTime(0) }),
    },
  ]);
  const left = async () => (await readdir(folder, { recursive: true })).sort();
  const before = await left();
  const env = { PATH: process.env.PATH, HOME: at('home'), TMPDIR: at('tmp') };
  const { status, stderr } = spawnSync(
    process.execPath,
    [RXDEPTH, 'replay', drive, '-o', at('out'), '--model', model],
    { cwd: at('cwd'), env, encoding: 'utf8' },
  );
  t.is(status, 0, stderr);
  const added = (await left()).filter((name) => !before.includes(name));
  t.deepEqual(
    added.filter((name) => name.split(path.sep)[0] !== 'out'),
    [],
    'onnxruntime leaves its data base in the home and a log in the folder for temporary files when its telemetry is on',
  );
  t.true(added.length > 1);
});
