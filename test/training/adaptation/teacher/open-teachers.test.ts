import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import { ModelRunner } from '../../../../models/model-runner.js';
import { VersionStore } from '../../../../models/versions/version-store.js';
import { openTeachers, parseTeachers } from '../../../../training/adaptation/teacher/open-teachers.js';
import type { Teacher } from '../../../../training/adaptation/teacher/teacher.js';
import { TINY_HEIGHT, TINY_WIDTH, writeTinyModel } from '../tiny-model.js';

const test = anyTest as TestFn<{ root: string; shipped: string; store: VersionStore }>;

test.beforeEach(async (t) => {
  const root = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-teachers-'));
  const shipped = path.join(root, 'shipped');
  await writeTinyModel(shipped);
  t.context = { root, shipped, store: new VersionStore({ home: path.join(root, 'home'), shipped }) };
});

test.afterEach.always((t) => rm(t.context.root, { recursive: true }));

/** A model folder whose manifest says something else. */
async function changed(from: string, to: string, change: object): Promise<string> {
  await cp(from, to, { recursive: true });
  const file = path.join(to, 'manifest.json');
  await writeFile(file, JSON.stringify({ ...JSON.parse(await readFile(file, 'utf8')), ...change }));
  return to;
}

async function opened(
  { root, shipped, store }: { root: string; shipped: string; store: VersionStore },
  ...texts: string[]
): Promise<readonly Teacher[]> {
  const names = await parseTeachers(texts, store);
  return await openTeachers(names, { parent: shipped, scratch: path.join(root, 'scratch'), threads: 1 });
}

const PICTURE = {
  ...{ width: TINY_WIDTH, height: TINY_HEIGHT },
  rgb: Uint8Array.from({ length: 3 * TINY_WIDTH * TINY_HEIGHT }, (_, i) => (i * i * 31) % 251),
};
const CAMERA = { fx: 74, fy: 74, cx: (TINY_WIDTH - 1) / 2, cy: (TINY_HEIGHT - 1) / 2 };
const PLACE = { drive: 0, image: 0 };

test('a model folder or a version teaches as it sees, and its kind of depth is its manifest’s', async (t) => {
  const { shipped, root, store } = t.context;
  const depth = { kind: 'affine-inverse-depth', metric: false, farMeters: 1e6 };
  const affine = await changed(shipped, path.join(root, 'affine'), { depth });
  const disparity = { kind: 'disparity', metric: false, minMeters: 0.1, maxMeters: 100, farMeters: 85 };
  const relative = await changed(shipped, path.join(root, 'relative'), { depth: disparity });
  const teachers = await opened(t.context, shipped, affine, relative, 'tiny/0');
  t.deepEqual(
    teachers.map((teacher) => teacher.depth),
    ['metric', 'affine-inverse', 'scalable', 'metric'],
  );
  t.is(teachers[0].name, 'tiny/0 (Apache-2.0)');
  t.is(teachers[0].classes.length, 19);
  const runner = await ModelRunner.open(await store.currentFolder(), 1);
  t.deepEqual(await teachers[0].see(PICTURE, CAMERA, PLACE), await runner.run(PICTURE, CAMERA));
  await runner.close();
  for (const teacher of teachers) await teacher.close();
});

test('the model itself says what it says of a picture and of its mirror image, so that the mirrored picture gets the same', async (t) => {
  const { width, height, rgb } = PICTURE;
  const flipped = Uint8Array.from({ length: rgb.length }, (_, i) => {
    const [pixel, c] = [Math.floor(i / 3), i % 3];
    const x = pixel % width;
    return rgb[3 * (pixel - x + width - 1 - x) + c];
  });
  const [self, larger] = await opened(t.context, 'self', 'self@2');
  t.is(self.depth, 'scalable');
  t.is(larger.pixels, 4 * self.pixels);
  t.not(larger.fingerprint, self.fingerprint);
  t.regex(larger.name, /with mirror images, at 2 times its size/);
  for (const teacher of [self, larger]) {
    const seen = await teacher.see(PICTURE, CAMERA, PLACE);
    const mirrored = await teacher.see({ width, height, rgb: flipped }, CAMERA, PLACE);
    const known = seen.depth.filter((z) => z > 0).length;
    t.true(known > 0.5 * width * height, `${known}`);
    const same = seen.depth.every((z, i) => {
      const other = mirrored.depth[i - (i % width) + width - 1 - (i % width)];
      return Number.isNaN(z) ? Number.isNaN(other) : Math.abs(other / z - 1) < 1e-3;
    });
    t.true(same);
    await teacher.close();
  }
});

test('a teacher without depth that names no class of the model has nothing to teach', async (t) => {
  const { shipped, root, store } = t.context;
  const depth = { kind: 'none', metric: false };
  const color = [0, 0, 0];
  const classes = [
    { name: 'background', color, dynamic: false },
    { name: 'vehicle', color, dynamic: true },
  ];
  const nothing = await changed(shipped, path.join(root, 'nothing'), { depth, classes });
  await t.throwsAsync(parseTeachers([nothing], store), {
    name: 'TrainingError',
    message:
      /has nothing to teach: it gives no depth, and none of its classes \(background, vehicle\).*name them as Cityscapes/,
  });
  const lanes = [classes[0], { name: 'drivable', color, dynamic: false }];
  const road = await changed(shipped, path.join(root, 'road'), { depth, classes: lanes });
  t.is((await parseTeachers([road], store)).length, 1);
});
