import test from 'ava';
import { perceptionStatusCodec } from '../../../../msgs/perception-status.js';
import { FrameDrops } from '../../../../nodes/viewer/server/frame-drops.js';
import { testStatus } from '../test-status.js';

function watched() {
  const clock = { ms: 0 };
  const drops = new FrameDrops(() => clock.ms);
  const hear = (frames_in: number, frames_dropped: number) =>
    drops.heard(perceptionStatusCodec.encode({ ...testStatus(), frames_in, frames_dropped }));
  return { drops, clock, hear };
}

test('a node drops many frames while its counts say so, and for some seconds longer', (t) => {
  const { drops, clock, hear } = watched();
  hear(100, 90);
  t.false(drops.many, 'when they were dropped is not known');
  hear(200, 95);
  t.false(drops.many, 'one of twenty');
  hear(300, 125);
  t.true(drops.many);
  clock.ms += 9000;
  t.true(drops.many);
  clock.ms += 2000;
  t.false(drops.many);
});

test('a frame now and then is not many, however often the status comes', (t) => {
  const { drops, hear } = watched();
  for (let frame = 0; frame <= 400; frame++) {
    hear(frame, Math.floor(frame / 30));
    t.false(drops.many);
  }
  for (let frame = 400; frame <= 440; frame++) hear(frame, 13 + Math.floor((frame - 400) / 3));
  t.true(drops.many);
});

test('counts that begin anew are those of another run', (t) => {
  const { drops, hear } = watched();
  hear(100, 0);
  hear(10, 5);
  t.false(drops.many);
  hear(40, 25);
  t.true(drops.many);
});

test('a drive of few frames, played over and over by a node that drops most, drops many', (t) => {
  const { drops, hear } = watched();
  hear(24, 0);
  for (let run = 0; run < 2; run++) {
    hear(12, 9);
    hear(23, 18);
  }
  t.true(drops.many);
});

test('a damaged status is none', (t) => {
  const { drops } = watched();
  t.notThrows(() => drops.heard(new Uint8Array(7)));
  t.false(drops.many);
});
