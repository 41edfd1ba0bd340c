import { type ChildProcess, spawn } from 'node:child_process';
import test from 'ava';
import type { VersionId } from '../../../models/versions/version-id.js';
import { ADAPTATION_STATE } from '../../../msgs/adaptation-status.js';
import { AdaptationRuns } from '../../../nodes/adaptation-node/adaptation-runs.js';

/** A run that says something and ends with a code. */
const script = (code: string) => (): ChildProcess =>
  spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'pipe'] });

/** A store whose current version changes with every look. */
const promoting = () => {
  let version = 0;
  return { current: async (): Promise<VersionId> => ({ name: 'm', version: version++ }) };
};
const steady = { current: async (): Promise<VersionId> => ({ name: 'm', version: 1 }) };

async function outcome(runs: AdaptationRuns): Promise<number> {
  return await new Promise((resolve, reject) => {
    runs.start(['/data/drive'], resolve).then((refusal) => {
      if (refusal !== undefined) reject(new Error(refusal));
    }, reject);
  });
}

test('a run that changed the current version promoted its candidate', async (t) => {
  const runs = new AdaptationRuns({ start: script('console.log("done")'), store: promoting() });
  t.is(runs.report.state, ADAPTATION_STATE.IDLE);
  t.is(await outcome(runs), ADAPTATION_STATE.PROMOTED);
  t.like(runs.report, { bag: '/data/drive', message: 'm/1 is current now' });
});

test('a run that ends well and changes nothing was rejected; its last line says why', async (t) => {
  const start = script('console.log("step 1\\nrejected: no gain")');
  const runs = new AdaptationRuns({ start, store: steady });
  t.is(await outcome(runs), ADAPTATION_STATE.REJECTED);
  t.is(runs.report.message, 'rejected: no gain');
});

test('a run that fails says its last line and its exit code', async (t) => {
  const runs = new AdaptationRuns({
    start: script('console.error("no such bag"); process.exit(1)'),
    store: steady,
  });
  t.is(await outcome(runs), ADAPTATION_STATE.FAILED);
  t.is(runs.report.message, 'no such bag (ended by exit code 1)');
});

test('exit code 3, by which `rxdepth adapt` says that the judge did not promote, is no failure', async (t) => {
  const start = script('console.log("undecided: too few pairs"); process.exit(3)');
  const runs = new AdaptationRuns({ start, store: steady });
  t.is(await outcome(runs), ADAPTATION_STATE.REJECTED);
  t.is(runs.report.message, 'undecided: too few pairs');
});

test('a program that cannot be started is a failed run', async (t) => {
  const runs = new AdaptationRuns({ start: () => spawn('/nowhere/node', []), store: steady });
  t.is(await outcome(runs), ADAPTATION_STATE.FAILED);
  t.regex(runs.report.message, /cannot be started: .*ENOENT/);
});

test('a run that does not end when it is stopped is killed', async (t) => {
  const deaf = 'process.on("SIGTERM", () => {}); console.log("deaf"); setTimeout(() => {}, 60000)';
  const runs = new AdaptationRuns({ start: script(deaf), store: steady });
  const ended = outcome(runs);
  while (runs.report.message !== 'deaf') await new Promise((resolve) => setTimeout(resolve, 10));
  runs.stop(200);
  t.is(await ended, ADAPTATION_STATE.FAILED);
  t.regex(runs.report.message, /ended by SIGKILL/);
});

test('one run at a time; stop ends it', async (t) => {
  const runs = new AdaptationRuns({ start: script('setTimeout(() => {}, 60000)'), store: steady });
  const ended = outcome(runs);
  t.is(await runs.start(['/data/other'], () => {}), 'a run on /data/drive is going on');
  runs.stop();
  t.is(await ended, ADAPTATION_STATE.FAILED);
  t.regex(runs.report.message, /ended by SIGTERM/);
  t.regex((await runs.start([], () => {})) ?? '', /expected `at least one bag`/);
});
