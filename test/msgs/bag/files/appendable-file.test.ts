import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { createAppendableFile } from '../../../../msgs/bag/files/appendable-file.js';
import { scratchFolder } from '../scratch-folder.js';

const MEBIBYTE = 1 << 20;

function bytes(length: number, seed: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i * 7 + (i >> 8) + seed);
}

test('whatever is appended is in the file, in order, and no more', async (t) => {
  const folder = await scratchFolder(t);
  const length = fc.oneof(
    fc.integer({ min: 0, max: 100 }),
    fc.constantFrom(4095, 4096, 4097, 8192),
    fc.integer({ min: 0, max: 30_000 }),
    fc.constantFrom(2 * MEBIBYTE - 1, 2 * MEBIBYTE, 2 * MEBIBYTE + 5000),
  );
  let files = 0;
  const property = fc.asyncProperty(
    fc.array(fc.array(length, { maxLength: 3 }), { maxLength: 6 }),
    async (appends) => {
      files += 1;
      const file = await createAppendableFile(join(folder, `${files}`));
      const all: Uint8Array[] = [];
      for (const lengths of appends) {
        const parts = lengths.map((count) => bytes(count, all.length));
        all.push(...parts);
        await file.append(parts);
      }
      const expected = Buffer.concat(all);
      t.is(file.position, expected.length);
      // Readers of the unfinished file find everything too.
      t.true((await readFile(file.path)).subarray(0, expected.length).equals(expected));
      await file.close();
      t.true((await readFile(file.path)).equals(expected));
    },
  );
  await fc.assert(property, { numRuns: 40, seed: 5 });
});

test('a disk that does not keep up: what goes through the page cache follows what went past it', async (t) => {
  const file = await createAppendableFile(join(await scratchFolder(t), 'file'));
  const pattern = bytes(2 * MEBIBYTE + 40_000, 1);
  const parts = Array.from({ length: 40 }, (_, i) => pattern.subarray(977 * i));
  // Nothing else is done than to write, so that a disk is hardly fast enough, well beyond what is written before that is judged.
  for (const part of parts) await file.append([part]);
  const length = file.position;
  await file.close();
  const [sent, found] = [createHash('sha256'), createHash('sha256')];
  for (const part of parts) sent.update(part);
  for await (const piece of createReadStream(file.path)) found.update(piece);
  t.true(length > 80 * MEBIBYTE);
  t.is((await stat(file.path)).size, length);
  t.is(found.digest('hex'), sent.digest('hex'));
});

test('an unfinished file ends within a page of what was appended, with zeros', async (t) => {
  const file = await createAppendableFile(join(await scratchFolder(t), 'file'));
  await file.append([bytes(5000, 1)]);
  const tail = (await readFile(file.path)).subarray(5000);
  t.true(tail.length < 4096);
  t.true(tail.every((byte) => byte === 0));
  await file.close();
});

test('after the tail was dropped the file has what was appended before, and grows from there', async (t) => {
  const file = await createAppendableFile(join(await scratchFolder(t), 'file'));
  await file.append([bytes(10_001, 1)]);
  await file.dropTail();
  t.is((await stat(file.path)).size, 10_001);
  await file.append([bytes(3, 2), bytes(9000, 3)]);
  await file.close();
  const expected = Buffer.concat([bytes(10_001, 1), bytes(3, 2), bytes(9000, 3)]);
  t.true((await readFile(file.path)).equals(expected));
});

test('a file that exists is not written over', async (t) => {
  const path = join(await scratchFolder(t), 'file');
  const file = await createAppendableFile(path);
  await file.append([bytes(10, 1)]);
  await file.close();
  await t.throwsAsync(createAppendableFile(path), { code: 'EEXIST' });
  t.is((await stat(path)).size, 10);
});
