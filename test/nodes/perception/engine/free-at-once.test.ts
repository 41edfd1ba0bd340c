import test from 'ava';
import { freeAtOnce } from '../../../../nodes/perception/engine/free-at-once.js';

test('memory that is given back is gone at once, again and again', (t) => {
  for (let round = 0; round < 3; round++) {
    const buffers = [new ArrayBuffer(1 << 20), new Float32Array(8).buffer];
    freeAtOnce(buffers);
    t.deepEqual(
      buffers.map(({ byteLength }) => byteLength),
      [0, 0],
    );
  }
  t.notThrows(() => freeAtOnce([]));
});
