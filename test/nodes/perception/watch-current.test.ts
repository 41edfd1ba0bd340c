import test from 'ava';
import { firstValueFrom, take, toArray } from 'rxjs';
import type { VersionId } from '../../../models/versions/version-id.js';
import { watchCurrent } from '../../../nodes/perception/watch-current.js';

test('the current version and every change of it is told once; a pointer that cannot be read is passed over', async (t) => {
  const m = (version: number): VersionId => ({ name: 'm', version });
  const read: (VersionId | undefined)[] = [undefined, m(0), m(0), undefined, m(0), m(1), m(1), m(0)];
  const store = {
    current: async () => {
      const id = read.shift();
      if (id === undefined) throw new Error('damaged');
      return id;
    },
  };
  const seen = await firstValueFrom(watchCurrent(store, 1).pipe(take(3), toArray()));
  t.deepEqual(seen, [m(0), m(1), m(0)]);
});
