import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { packageRoot } from '../models/package-root.js';
import { roomRings, roomsOf } from './room-rings.js';

for (const layer of ['msgs', 'models', 'vision', 'training', 'nodes']) {
  test(`no rooms of ${layer} import one another in a ring, not even by types`, (t) => {
    const folder = path.join(packageRoot(), layer);
    t.true(roomsOf(folder).length > 1);
    t.deepEqual(roomRings(folder), []);
  });
}

/** The rings of a layer of the given files. */
function ringsOf(files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'rxdepth-rooms-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      writeFileSync(path.join(folder, name), text);
    }
    return roomRings(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a ring of rooms without a circle of files is found, with the imports that tie it', (t) => {
  const files = {
    'errors.ts': 'export const failed = 1;\n',
    'kitchen/stove.ts': "import { logs } from '../cellar/deep/wood.js';\nexport const heat = logs;\n",
    'kitchen/table.ts': "import { failed } from '../errors.js';\nexport const seats = failed;\n",
    'cellar/deep/wood.ts': 'export const logs = 3;\n',
    'cellar/stairs.ts': "export const steps = () => import('../attic/roof.js');\n",
    'attic/roof.tsx':
      "import type {\n  seats,\n} from '../kitchen/table.js';\nexport type Seats = typeof seats;\n",
    'porch/door.ts': "export { heat } from '../kitchen/stove.js';\n",
  };
  t.deepEqual(ringsOf(files), [
    {
      rooms: ['attic', 'cellar', 'kitchen'],
      imports: [
        'attic/roof.tsx -> kitchen/table.ts',
        'cellar/stairs.ts -> attic/roof.tsx',
        'kitchen/stove.ts -> cellar/deep/wood.ts',
      ],
    },
  ]);
  const { 'attic/roof.tsx': _, ...open } = files;
  t.deepEqual(ringsOf(open), []);
});
