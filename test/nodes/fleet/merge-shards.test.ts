import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { mergeShards } from '../../../nodes/fleet/merge-shards.js';

async function shards(t: { teardown(fn: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-merge-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await mkdir(path.join(folder, 'results'));
  return folder;
}

const report = (folder: string, name: string, outputs: readonly string[], model = '/model') =>
  writeFile(
    path.join(folder, name),
    JSON.stringify({
      ...{ task: 'evaluate', model, flags: [], seconds: outputs.length },
      jobs: outputs.map((output) => ({ bag: `/${output}`, id: output, output, state: 'done' })),
    }),
  );

const result = (folder: string, output: string, absRels: readonly number[]) =>
  writeFile(
    path.join(folder, 'results', `${output}.json`),
    JSON.stringify({ depth: { images: absRels.map((absRel, i) => ({ name: `${i}`, absRel, ratio: 1 })) } }),
  );

test('the reports of all shards become one, with the figures of all images, each content once', async (t) => {
  const folder = await shards(t);
  await result(folder, 'a', [0.1, 0.3]);
  await result(folder, 'b', [0.5]);
  await report(folder, 'report-0-of-2.json', ['a', 'b']);
  await report(folder, 'report-1-of-2.json', ['b']);
  await mergeShards(folder);
  const merged = JSON.parse(await readFile(path.join(folder, 'report.json'), 'utf8'));
  t.is(merged.jobs.length, 3);
  t.is(merged.shards, 2);
  t.is(merged.evaluation.depth.images, 3);
  t.true(Math.abs(merged.evaluation.depth.absRel - 0.3) < 1e-12);
});

test('one content that two shards were given under two names counts once', async (t) => {
  const folder = await shards(t);
  const row = (output: string) => ({ bag: `/${output}`, id: 'same', output, state: 'done' });
  for (const [i, output] of ['monday', 'copy'].entries()) {
    await result(folder, output, [0.1, 0.3]);
    await writeFile(
      path.join(folder, `report-${i}-of-2.json`),
      JSON.stringify({ task: 'evaluate', model: '/model', flags: [], seconds: 1, jobs: [row(output)] }),
    );
  }
  await mergeShards(folder);
  const merged = JSON.parse(await readFile(path.join(folder, 'report.json'), 'utf8'));
  t.is(merged.jobs.length, 2);
  t.is(merged.evaluation.bags, 1);
  t.is(merged.evaluation.depth.images, 2);
});

test('missing, damaged and unlike shards are named', async (t) => {
  const folder = await shards(t);
  await t.throwsAsync(mergeShards(folder), { message: /no reports of shards/ });
  await report(folder, 'report-1-of-3.json', []);
  await t.throwsAsync(mergeShards(folder), { message: /of 3 shards .* no report of 0, 2/ });
  await report(folder, 'report-0-of-3.json', [], '/other');
  await writeFile(path.join(folder, 'report-2-of-3.json'), '{}');
  await t.throwsAsync(mergeShards(folder), { message: /report-2-of-3\.json is no report of a shard/ });
  await report(folder, 'report-2-of-3.json', []);
  await t.throwsAsync(mergeShards(folder), { message: /shard 1 .* another task, model or flags/ });
  await report(folder, 'report-0-of-4.json', []);
  await t.throwsAsync(mergeShards(folder), { message: /of [34] and of [34] shards/ });
});

test('a folder that is not there is told as that', async (t) => {
  const folder = await shards(t);
  for (const place of [path.join(folder, 'none'), path.join(folder, 'none', 'deeper')])
    await t.throwsAsync(mergeShards(place), {
      name: 'NodeError',
      message: `fleet merge: there is no folder \`${place}\``,
    });
});
