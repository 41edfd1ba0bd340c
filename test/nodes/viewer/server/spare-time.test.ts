import test from 'ava';
import { perceptionStatusCodec } from '../../../../msgs/perception-status.js';
import { SpareTime } from '../../../../nodes/viewer/server/spare-time.js';
import { testStatus } from '../test-status.js';

function watched() {
  const machine = { ms: 0, spare: 0, total: 0 };
  const time = new SpareTime({
    times: () => ({ spare: machine.spare, total: machine.total }),
    now: () => machine.ms,
  });
  /** A second passes, of which the cores were free for a share. */
  const pass = (free: number) => {
    machine.ms += 1000;
    machine.total += 2000;
    machine.spare += 2000 * free;
  };
  const hear = (frames_in: number, frames_dropped: number) =>
    time.heard(perceptionStatusCodec.encode({ ...testStatus(), frames_in, frames_dropped }));
  return { time, machine, pass, hear };
}

test('time is scarce while the cores are busy, and until some of it is free again', (t) => {
  const { time, pass } = watched();
  t.false(time.scarce);
  const seen = [0.5, 0.12, 0.05, 0.15, 0.2, 0.4, 0.15].map((free) => {
    pass(free);
    return time.scarce;
  });
  t.deepEqual(seen, [false, false, true, true, true, false, false]);
});

test('what the cores did in a long time in which nobody looked says nothing of now', (t) => {
  const { time, machine, pass } = watched();
  pass(0);
  t.true(time.scarce);
  machine.ms += 60_000;
  machine.total += 120_000;
  t.false(time.scarce);
});

test('time is scarce while a node drops frames, and some seconds longer; not for a frame now and then', (t) => {
  const { time, pass, hear } = watched();
  hear(100, 90);
  t.false(time.scarce, 'when they were dropped is not known');
  hear(200, 91);
  t.false(time.scarce);
  hear(300, 121);
  t.true(time.scarce);
  for (let second = 0; second < 9; second++) pass(1);
  t.true(time.scarce);
  for (let second = 0; second < 2; second++) pass(1);
  t.false(time.scarce);
  // The node was started again.
  hear(10, 5);
  t.false(time.scarce);
  hear(20, 10);
  t.true(time.scarce);
});

test('a damaged status is none', (t) => {
  const { time } = watched();
  t.notThrows(() => time.heard(new Uint8Array(7)));
  t.false(time.scarce);
});
