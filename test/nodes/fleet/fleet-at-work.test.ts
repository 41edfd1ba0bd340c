import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { fleetAtWork } from '../../../nodes/fleet/fleet-at-work.js';

test('a fleet clears away its own drafts, and leaves those of shards and of workers of a queue', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-drafts-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const drafts = [
    'whole-0123456789ab-01',
    '0-of-2-0123456789ab-01',
    '0-of-20-0123456789ab-01',
    '0123456789ab-01',
  ];
  const places = drafts.map((name) => path.join(folder, `.partial-${name}`));
  for (const place of places) await mkdir(place);
  const options = { folder, workers: 1, retries: 0, signal: new AbortController().signal };
  await fleetAtWork(options, async () => {});
  t.deepEqual(places.map(existsSync), [false, true, true, true]);
  await fleetAtWork({ ...options, shard: { index: 0, count: 2 } }, async () => {});
  t.deepEqual(places.map(existsSync), [false, false, true, true]);
});
