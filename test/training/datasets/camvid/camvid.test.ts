import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import sharp from 'sharp';
import { openCamvid } from '../../../../training/datasets/camvid/camvid.js';
import { CAMVID_TRAIN_IDS } from '../../../../training/datasets/camvid/camvid-classes.js';
import { openFrameSet } from '../../../../training/datasets/files/open-frame-set.js';
import { readLabels } from '../../../../training/datasets/files/read-labels.js';
import { TrainingError } from '../../../../training/errors.js';
import { write, writeColor } from '../files/write-gray-png.js';

/** Road, pedestrian, bicyclist, car, void. */
const COLORS = [
  [128, 64, 128],
  [64, 64, 0],
  [0, 128, 192],
  [64, 0, 128],
  [0, 0, 0],
];

test('pictures and their coloured labels are found by name and compared by the seven categories', async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-camvid-'));
  t.teardown(() => rm(root, { recursive: true }));
  await t.throwsAsync(openCamvid(root), {
    instanceOf: TrainingError,
    message:
      /701_StillsRaw_full is missing; expected CamVid's pictures, `701_StillsRaw_full\/0001TP_006690\.png`/,
  });
  for (const name of ['0001TP_006690', 'Seq05VD_f00000'])
    await writeColor(path.join(root, '701_StillsRaw_full', `${name}.png`), [1, 5], [9, 9, 9]);
  t.regex(
    (await openCamvid(root)).missing.join(),
    /no labels: .*LabeledApproved_full holds none of `NAME_L\.png`/,
  );
  const image = sharp(Uint8Array.from(COLORS.flat()), { raw: { width: 5, height: 1, channels: 3 } });
  const labelFile = path.join(root, 'LabeledApproved_full', '0001TP_006690_L.png');
  await write(labelFile, await image.png().toBuffer());
  await t.throwsAsync(openCamvid(root), {
    message: /1 of 2 label pictures are missing: `.*Seq05VD_f00000_L\.png`/,
  });
  const set = await openFrameSet({ kind: 'camvid', place: root, options: { missing: 'allow' } });
  t.deepEqual(set.classSets, ['7']);
  t.deepEqual(
    set.frames.map(({ name, intrinsics }) => [name, intrinsics]),
    [
      ['0001TP_006690', undefined],
      ['Seq05VD_f00000', undefined],
    ],
  );
  const labels = set.frames[0]?.labels;
  if (labels === undefined) return t.fail();
  t.deepEqual([...(await readLabels(labels)).values], [0, 11, 12, 13, 255]);
  await writeColor(labelFile, [1, 5], [1, 2, 3]);
  await t.throwsAsync(readLabels(labels), {
    message: /0001TP_006690_L\.png: expected the colours.*got `1 2 3`/,
  });
});

test("the table has CamVid's 32 classes", (t) => {
  t.is(Object.keys(CAMVID_TRAIN_IDS).length, 32);
});
