import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { ModelError } from '../../models/errors.js';
import { readManifest } from '../../models/model-store.js';
import { openBag } from '../../msgs/bag/open-bag.js';
import { MessageError } from '../../msgs/errors.js';
import { FileGoneError } from '../../msgs/files/file-gone-error.js';
import { LockedError } from '../../msgs/files/locked-error.js';
import { NodeError } from '../../nodes/errors.js';
import { EngineError } from '../../nodes/perception/engine/engine-error.js';
import { TrainingError } from '../../training/errors.js';
import { linearDepth } from '../../training/methods/linear-depth/linear-depth.js';
import { completeOptions } from '../../training/runs/complete-options.js';

let folder = '';
test.before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-errors-'));
});
test.after.always(() => rm(folder, { recursive: true, force: true }));

test('every error of a folder is told by its name alone, and is one of its base', (t) => {
  const made = [
    [new MessageError('x'), 'MessageError', MessageError],
    [new LockedError('x'), 'LockedError', MessageError],
    [new FileGoneError('x'), 'FileGoneError', MessageError],
    [new ModelError('x'), 'ModelError', ModelError],
    [new TrainingError('x'), 'TrainingError', TrainingError],
    [new NodeError('x'), 'NodeError', NodeError],
    [new EngineError('x'), 'EngineError', NodeError],
  ] as const;
  for (const [error, name, base] of made) {
    t.is(error.name, name);
    t.true(error instanceof base);
    t.regex(error.stack ?? '', /^\w*Error: x/);
  }
});

test('an error says which file it is about, and keeps what led to it', async (t) => {
  const bag = path.join(folder, 'bag.mcap');
  await writeFile(bag, 'no bag at all');
  const error = await t.throwsAsync(openBag(bag), { instanceOf: MessageError });
  t.is(error.file, bag);
  const broken = path.join(folder, 'manifest.json');
  await writeFile(broken, '{');
  const refused = await t.throwsAsync(readManifest(folder), { instanceOf: ModelError });
  t.is(refused.file, folder);
  t.true(refused.cause instanceof SyntaxError);
});

test('an error of a manifest or of options says which field it is about', async (t) => {
  await writeFile(path.join(folder, 'manifest.json'), JSON.stringify({ contract: 1, name: 7 }));
  const manifest = await t.throwsAsync(readManifest(folder), { instanceOf: ModelError });
  t.is(manifest.file, path.join(folder, 'manifest.json'));
  t.is(manifest.field, 'name');
  const steps = t.throws(() => completeOptions(linearDepth, { preset: 'compact', steps: -1 } as object), {
    instanceOf: TrainingError,
  });
  t.is(steps.field, 'steps');
});
