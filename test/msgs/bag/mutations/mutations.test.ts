import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { scratchFolder } from '../scratch-folder.js';
import { type BaseBag, baseBags } from './base-bags.js';
import { corpus } from './corpus.js';
import { readMutant } from './read-mutant.js';

let bags: readonly BaseBag[] = [];

test.before(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rxdepth-test-'));
  bags = await baseBags(folder);
  await rm(folder, { recursive: true });
});

const COUNT = 500;
/** Bags of one test: none of them takes long on a busy machine. */
const BATCH = 100;

for (let first = 1; first <= COUNT; first += BATCH) {
  test.serial(
    `damaged bags ${first} to ${first + BATCH - 1}: no untyped error, no loss untold that could be told`,
    async (t) => {
      const folder = await scratchFolder(t);
      const kinds = { read: 0, refused: 0, 'untyped error': 0 };
      let lossy = 0;
      for (let seed = first; seed < first + BATCH; seed++) {
        const { kind, lost, isSilent, form, error } = await readMutant(bags, seed, join(folder, 'mutant'));
        kinds[kind] += 1;
        if (lost > 0) lossy += 1;
        t.false(isSilent, `seed ${seed}, ${form}: ${lost} lost, nothing said; ${error ?? ''}`);
      }
      t.is(kinds['untyped error'], 0);
      // The test tests something: many bags are damaged where it matters, and most are read all the same.
      t.true(lossy > BATCH / 3, `${lossy} of ${BATCH} lost something`);
      t.true(kinds.read > BATCH / 2, `${kinds.read} of ${BATCH} were read`);
    },
  );
}

for (const { form, seed, was } of corpus) {
  test(`damage that was once taken in silence is told: ${form}, seed ${seed}, ${was}`, async (t) => {
    const folder = await scratchFolder(t);
    const ofForm = bags.filter((bag) => bag.form === form);
    t.is(ofForm.length, 1);
    const outcome = await readMutant(ofForm, seed, join(folder, 'mutant'));
    t.not(outcome.kind, 'untyped error');
    t.true(outcome.isTold, JSON.stringify(outcome));
  });
}
