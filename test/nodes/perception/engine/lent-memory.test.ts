import test from 'ava';
import { LentMemory } from '../../../../nodes/perception/engine/lent-memory.js';

test('memory goes back once, when its owner and all who keep it are done, in whatever order', (t) => {
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2],
  ]) {
    let freed = 0;
    const memory = new LentMemory(() => (freed += 1));
    const ends = [() => memory.release(), memory.keep(), memory.keep()];
    for (const [index, which] of order.entries()) {
      t.is(freed, 0, `${order} at ${index}`);
      ends[which]?.();
      // Whoever is done twice does not end it for others.
      ends[which]?.();
    }
    t.is(freed, 1);
    t.throws(() => memory.keep(), { message: /went back/ });
    t.is(freed, 1);
  }
});
