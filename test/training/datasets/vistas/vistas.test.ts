import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { openFrameSet } from '../../../../training/datasets/files/open-frame-set.js';
import { readLabels } from '../../../../training/datasets/files/read-labels.js';
import { openVistas } from '../../../../training/datasets/vistas/vistas.js';
import { vistasTrainId } from '../../../../training/datasets/vistas/vistas-classes.js';
import { TrainingError } from '../../../../training/errors.js';
import { write, writeColor } from '../files/write-gray-png.js';
import { palettePng } from '../files/write-palette-png.js';

const NAMES = ['object--vehicle--car', 'construction--flat--road', 'nature--sky', 'void--ego-vehicle'];

test('classes have categories by their names', (t) => {
  const categories = {
    0: ['construction--flat--sidewalk', 'marking--general', 'marking--crosswalk-zebra'],
    2: ['construction--barrier--curb', 'construction--structure--tunnel'],
    5: [
      'object--support--utility-pole',
      'object--street-light',
      'object--traffic-sign--back',
      'object--traffic-light',
    ],
    8: ['nature--vegetation', 'nature--terrain'],
    10: ['nature--sky'],
    11: ['human--person', 'human--rider--bicyclist'],
    13: ['object--vehicle--bicycle', 'object--vehicle--on-rails'],
    255: [
      'animal--bird',
      'nature--water',
      'object--bench',
      'object--trash-can',
      'void--unlabeled',
      'nature--snow',
    ],
  };
  for (const [trainId, names] of Object.entries(categories))
    for (const name of names) t.is(vistasTrainId(name), Number(trainId), name);
});

test('numbers behind a palette become categories by the names in config.json', async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-vistas-'));
  t.teardown(() => rm(root, { recursive: true }));
  await t.throwsAsync(openVistas(root), {
    instanceOf: TrainingError,
    message:
      /validation\/images is missing; expected Mapillary Vistas' pictures, `validation\/images\/\*\.jpg`/,
  });
  for (const name of ['a-b', 'c_d'])
    await writeColor(path.join(root, 'validation', 'images', `${name}.jpg`), [2, 4], [9, 9, 9]);
  t.regex((await openVistas(root)).missing.join(), /no labels: .*validation\/labels holds none/);
  const label = path.join(root, 'validation', 'labels', 'a-b.png');
  await write(
    label,
    palettePng(Uint8Array.of(0, 1, 2, 3, 3, 2, 1, 0), 4, 8, () => 0),
  );
  await t.throwsAsync(openVistas(root), {
    message: /config\.json is missing; expected the names of Mapillary Vistas' classes/,
  });
  const config = path.join(root, 'config.json');
  await write(config, JSON.stringify({ labels: NAMES.map((name) => ({ name, readable: name })) }));
  await t.throwsAsync(openVistas(root), { message: /1 of 2 label pictures are missing: `.*c_d\.png`/ });
  const set = await openFrameSet({
    kind: 'vistas',
    place: root,
    options: { missing: 'allow', subset: 'validation' },
  });
  t.deepEqual(set.classSets, ['7']);
  const labels = set.frames[0]?.labels;
  if (labels === undefined) return t.fail();
  t.deepEqual([...(await readLabels(labels)).values], [13, 0, 10, 255, 255, 10, 0, 13]);
  await write(
    label,
    palettePng(new Uint8Array(8).fill(4), 4, 8, () => 0),
  );
  await t.throwsAsync(readLabels(labels), {
    message: /a-b\.png: expected class numbers `0\.\.3`, got 4 at column 0, row 0/,
  });
  await write(config, '{"labels": "many"}');
  await t.throwsAsync(openVistas(root), { message: /config\.json: .*labels/s });
  await t.throwsAsync(openFrameSet({ kind: 'vistas', place: root, options: { subset: 'val' } }), {
    message: /expected `subset` to be one of `training`, `validation`, `testing`, got `val`/,
  });
});
