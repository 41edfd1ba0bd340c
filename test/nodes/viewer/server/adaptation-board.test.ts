import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { AdaptationBoard } from '../../../../nodes/viewer/server/adaptation-board.js';
import { parsePageRequest } from '../../../../nodes/viewer/server/page-requests.js';
import { progressOf } from '../../../../nodes/viewer/server/page-status.js';

test('runs are listed with their verdicts, the newest first, also those without a result or with a damaged one', async (t) => {
  const home = await mkdtemp(path.join(os.tmpdir(), 'rxdepth-runs-'));
  t.teardown(() => rm(home, { recursive: true }));
  const board = new AdaptationBoard(home);
  t.deepEqual(await board.list(), { op: 'runs', runs: [] }, 'nobody adapted yet');
  const folder = (name: string) => path.join(home, '.adaptations', name);
  const ids = ['20261101T081500Z-12', '20261102T081500Z-13', '20261103T235959Z-14'];
  for (const id of ids) await mkdir(path.join(folder(id), 'panels'), { recursive: true });
  await mkdir(folder('notes'));
  const check = { name: 'better', answer: 'passed', finding: '3 %' };
  const judge = { verdict: 'promoted', reasons: [], checks: [check], drive: { other: 1 } };
  const result = {
    outcome: 'promoted',
    reasons: [],
    parent: 'lite/0',
    version: 'lite/1',
    steps: 9,
    judge,
    text: '',
  };
  await writeFile(path.join(folder('20261101T081500Z-12'), 'result.json'), JSON.stringify(result));
  await writeFile(path.join(folder('20261102T081500Z-13'), 'result.json'), '{"outcome": 3');
  for (const [name, bytes] of Object.entries({ picture: 'P', before: 'B', after: 'A' }))
    await writeFile(path.join(folder('20261101T081500Z-12'), 'panels', `1-${name}.png`), bytes);
  const { runs } = await board.list();
  t.deepEqual(
    runs.map(({ id }) => id),
    [...ids].reverse(),
  );
  t.deepEqual(runs[2], {
    ...{ id: '20261101T081500Z-12', startedAt: '2026-11-01T08:15:00Z', outcome: 'promoted', reasons: [] },
    ...{ parent: 'lite/0', version: 'lite/1', steps: 9, pictures: 1 },
    judge: { verdict: 'promoted', reasons: [], checks: [check] },
  });
  t.like(runs[1], { outcome: undefined, pictures: 0 });
  t.like(runs[0], { outcome: undefined, startedAt: '2026-11-03T23:59:59Z' });

  const base64 = (text: string) => Buffer.from(text).toString('base64');
  t.like(await board.comparison('20261101T081500Z-12', 1), {
    ...{ picture: base64('P'), before: base64('B'), after: base64('A') },
  });
  await t.throwsAsync(board.comparison('20261101T081500Z-12', 2), { message: /left no picture 2/ });
  for (const run of ['..', '../..', 'notes', '20261101T081500Z-12/..', '20261109T081500Z-12'])
    await t.throwsAsync(board.comparison(run, 1), { message: /there is no run/ }, run);
  t.throws(() => parsePageRequest('{"op":"comparison","run":"a","index":0}'));
});

test('the progress of a phase is read off what the run says', (t) => {
  t.is(progressOf('step 40, 35 % of the budget  source depth 0.0500'), 0.35);
  t.is(progressOf('judged 20 of 80 triplets'), 0.25);
  t.is(progressOf('source samples (town): 40 of 40'), 1);
  t.is(progressOf('finding how the camera moved'), null);
  t.is(progressOf('7 of 0 triplets'), null);
});
