import test from 'ava';
import { MEMORY_SETTINGS } from '../../../../models/memory-settings.js';
import { BufferPool } from '../../../../nodes/perception/engine/buffer-pool.js';

test('the buffer of an image is large enough to be the system’s, to which it goes back', (t) => {
  const image = new BufferPool(1).take(300_000);
  t.true(image.byteLength > Number(MEMORY_SETTINGS.MALLOC_MMAP_THRESHOLD_));
  t.true(new BufferPool(1).take(3_000_000).byteLength >= 3_000_000);
  t.is(new BufferPool(1).take(1000).byteLength, 1000);
});

test('a buffer that came back serves images of other sizes too', (t) => {
  const pool = new BufferPool(2);
  const buffer = pool.take(300_000);
  pool.give(buffer);
  t.is(pool.take(1_900_000), buffer);
  t.not(pool.take(1_900_000), buffer);
});
