import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { getPriority, tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { InferenceEngine } from '../../../../nodes/perception/engine/inference-engine.js';
import { writeTestModel } from '../../test-model.js';

/** Nice values of this process's threads. Source: proc(5), field 19 of stat. */
async function niceValues(): Promise<number[]> {
  const threads = await readdir('/proc/self/task');
  const stats = await Promise.all(
    threads.map((thread) => readFile(`/proc/self/task/${thread}/stat`, 'utf8').catch(() => '')),
  );
  // The name, in parentheses, may contain blanks.
  return stats.map((stat) => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]));
}

test('the threads that compute let those that receive and send go first', async (t) => {
  if (process.platform !== 'linux') {
    t.log('SKIPPED: nice values of threads are a thing of Linux');
    t.pass();
    return;
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'rxdepth-yield-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeTestModel(folder);
  const graphPath = path.join(folder, 'perception.onnx');
  const own = getPriority();
  const expected = Math.min(19, own + 9);
  const before = await niceValues();
  const engine = await InferenceEngine.open({ graphPath, device: 'cpu', threads: 2, nice: 9 });
  t.teardown(() => engine.close());
  const count = (values: readonly number[], nice: number) => values.filter((value) => value === nice).length;
  const after = await niceValues();
  // The worker, and the second thread of its session.
  t.true(count(after, expected) - count(before, expected) >= 2, `${before} then ${after}`);
  t.is(getPriority(), own, 'the process itself stays as it was');
});
