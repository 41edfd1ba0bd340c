import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { bagFleet } from '../../../nodes/fleet/bag-fleet.js';
import { distinctJobs } from '../../../nodes/fleet/fleet-job.js';
import { mergeShards } from '../../../nodes/fleet/merge-shards.js';
import { writeTestModel } from '../test-model.js';

test('one content under two names is one job, and every row has the output that is there', async (t) => {
  const root = await mkdtemp(path.join(tmpdir(), 'rxdepth-bag-fleet-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const model = await writeTestModel(path.join(root, 'model'));
  const bags = ['copy.mcap', 'monday.mcap'].map((name) => path.join(root, name));
  for (const bag of bags) await writeFile(bag, 'one content');
  const folder = path.join(root, 'out');
  await mkdir(path.join(folder, 'results'), { recursive: true });
  const report = await bagFleet({
    ...{ task: 'evaluate', bags, folder, model, flags: [], workers: 1, retries: 0 },
    ...{ signal: new AbortController().signal, shard: { index: 0, count: 1 } },
    executor: async (jobs) => {
      const [job, ...others] = distinctJobs(jobs);
      t.deepEqual(others, []);
      const images = [{ name: '0', absRel: 0.1 }];
      await writeFile(
        path.join(folder, 'results', `${job?.output}.json`),
        JSON.stringify({ depth: { images } }),
      );
      const facts = { images: 1, sums: { absRel: 0.1 }, labels: {} };
      return new Map([[job?.id ?? '', { state: 'done', seconds: 1, attempts: 1, facts }]]);
    },
  });
  t.deepEqual(
    report.jobs.map(({ bag, output }) => [path.basename(bag), output.slice(0, 6)]),
    [
      ['copy.mcap', 'monday'],
      ['monday.mcap', 'monday'],
    ],
  );
  await mergeShards(folder);
  const merged = JSON.parse(await readFile(path.join(folder, 'report.json'), 'utf8'));
  t.is(merged.evaluation.depth.images, 1);
});
