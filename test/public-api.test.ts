import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { apiReport, faces } from '../docs/api/api-report.js';
import { lostSignatures } from '../docs/api/lost-signatures.js';
import { packageRoot } from '../models/package-root.js';

/** Reports lie where `npm run docs:api` records them. */
const recorded = (name: string) =>
  readFile(path.join(packageRoot(), 'docs', 'api', `${name}.api.md`), 'utf8');

test('no name that the faces export has gone or has another signature than recorded', async (t) => {
  t.timeout(30 * 60_000);
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-api-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const all = await faces();
  t.deepEqual(
    all.map(({ name }) => name),
    ['rxdepth', 'msgs', 'operators', 'tracer'],
  );
  for (const face of all) {
    const { text } = await apiReport(face, path.join(folder, face.name));
    t.regex(text, /^export /m, face.name);
    const lost = lostSignatures(await recorded(face.name), text);
    t.deepEqual(
      lost,
      [],
      `${face.name}: CONTRIBUTING says what a change of it asks for; npm run docs:api records`,
    );
  }
});
