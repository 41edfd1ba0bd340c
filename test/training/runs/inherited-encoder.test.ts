import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { inheritedEncoder } from '../../../training/runs/inherited-encoder.js';

const ORIGIN = { file: 'encoder.whl', sha256: 'a'.repeat(64), license: 'Apache-2.0' };

test('weights of a run or a model bring along where their encoder is from', async (t) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-encoder-'));
  t.teardown(() => rm(folder, { recursive: true }));
  t.is(await inheritedEncoder(undefined), undefined);
  t.is(await inheritedEncoder(folder), undefined);
  await writeFile(path.join(folder, 'manifest.json'), JSON.stringify({ provenance: { encoder: ORIGIN } }));
  t.deepEqual(await inheritedEncoder(folder), ORIGIN);
  await writeFile(
    path.join(folder, 'options.json'),
    JSON.stringify({ encoder: { ...ORIGIN, file: 'b.pth' } }),
  );
  t.is((await inheritedEncoder(folder))?.file, 'b.pth');
  await writeFile(path.join(folder, 'options.json'), '{ no json');
  t.deepEqual(await inheritedEncoder(folder), ORIGIN);
});
