import test from 'ava';
import { imageCodec } from '../../../../msgs/image.js';
import { ViewMessage } from '../../../../nodes/viewer/server/view-message.js';
import { ViewPace } from '../../../../nodes/viewer/server/view-pace.js';

const BYTES = 100_000;

/** A message whose bytes are those of a publisher that uses them again. */
function messageOf(topic: string, cdr: Uint8Array, mark: number): ViewMessage {
  cdr.fill(mark);
  const { type, definition } = imageCodec;
  return new ViewMessage({ id: 1, topic, type, definition, latched: false }, cdr, BigInt(mark));
}

function paced(scarce = () => true) {
  const clock = { ms: 0 };
  const pace = new ViewPace({ scarce, now: () => clock.ms, cores: 2 });
  const buffer = new Uint8Array(BYTES);
  const seen: string[] = [];
  /** Publishes to a number of viewers, each of which takes some work. */
  const publish = (topic: string, mark: number, { viewers = 1, workMs = 0, cdr = buffer } = {}) => {
    const message = messageOf(topic, cdr, mark);
    for (let viewer = 0; viewer < viewers; viewer++)
      pace.pass(message, (passed) => {
        seen.push(
          `${topic} ${passed.cdr[0]}${passed.cdr.every((byte) => byte === passed.cdr[0]) ? '' : '?'}`,
        );
        clock.ms += workMs;
      });
  };
  return { pace, clock, seen, publish };
}

/** Waits for a timer of the pace; a test that waits in vain times out. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test('with time to spare, everything passes at once, whatever it costs', (t) => {
  const { pace, seen, publish } = paced(() => false);
  for (let mark = 1; mark <= 5; mark++) publish('depth', mark, { workMs: 1000 });
  t.deepEqual(seen, ['depth 1', 'depth 2', 'depth 3', 'depth 4', 'depth 5']);
  pace.close();
});

test('while time is scarce, viewers of any number get a small part of it, and panels go on together', (t) => {
  for (const viewers of [1, 8]) {
    const { pace, clock, seen, publish } = paced();
    let workMs = 0;
    for (let mark = 1; mark <= 240; mark++) {
      // Ten frames a second for 24 seconds.
      clock.ms = Math.max(clock.ms, mark * 100);
      for (const topic of ['camera', 'depth', 'cloud']) {
        const before = clock.ms;
        publish(topic, mark, { viewers, workMs: 3 });
        workMs += clock.ms - before;
      }
    }
    const share = workMs / clock.ms / 2;
    t.true(share < 0.03, `${viewers} viewers: ${share} of two cores`);
    t.true(share > 0.015, `${viewers} viewers: ${share} of two cores`);
    const count = (topic: string) => seen.filter((one) => one.startsWith(topic)).length;
    t.is(count('camera'), count('depth'));
    t.is(count('cloud'), count('depth'));
    t.is(count('depth') % viewers, 0, 'all viewers see the same frames');
    pace.close();
  }
});

test('the last message before a pause is shown to all who wait for it, with the bytes that it had', async (t) => {
  const { pace, clock, seen, publish } = paced();
  publish('depth', 1, { viewers: 2, workMs: 50 });
  for (let mark = 2; mark <= 9; mark++) publish('depth', mark, { viewers: 2 });
  t.deepEqual(seen, ['depth 1', 'depth 1']);
  clock.ms += 10_000;
  await until(() => seen.length > 2);
  t.deepEqual(seen.slice(2), ['depth 9', 'depth 9']);
  // The next one that waits gets the memory of before.
  publish('depth', 10, { workMs: 50 });
  publish('depth', 11);
  clock.ms += 10_000;
  await until(() => seen.at(-1) === 'depth 11');
  pace.close();
});

test('what cost a minute by mistake does not keep viewers waiting for minutes', (t) => {
  const { pace, clock, seen, publish } = paced();
  publish('depth', 1);
  pace.work(() => {
    clock.ms += 100;
  }, 599);
  publish('depth', 2);
  clock.ms += 2000;
  publish('depth', 3);
  t.deepEqual(seen, ['depth 1', 'depth 3']);
  pace.close();
});

test('small messages always pass, and what passed is not shown again later', async (t) => {
  let scarce = true;
  const { pace, clock, seen, publish } = paced(() => scarce);
  publish('depth', 1, { workMs: 50 });
  publish('depth', 2);
  publish('status', 3, { cdr: new Uint8Array(100) });
  scarce = false;
  publish('depth', 4);
  clock.ms += 10_000;
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.deepEqual(seen, ['depth 1', 'status 3', 'depth 4']);
  pace.close();
});

test('bytes that one viewer keeps are not written over by what waits later', async (t) => {
  const { pace, clock } = paced();
  const kept: Uint8Array[] = [];
  const buffer = new Uint8Array(BYTES);
  const keep = (passed: ViewMessage) => {
    kept.push(passed.copy());
    clock.ms += 50;
  };
  for (let mark = 1; mark <= 2; mark++) pace.pass(messageOf('depth', buffer, mark), keep);
  clock.ms += 10_000;
  await until(() => kept.length === 2);
  for (let mark = 3; mark <= 4; mark++) pace.pass(messageOf('depth', buffer, mark), keep);
  t.deepEqual(
    kept.map((bytes) => bytes[BYTES - 1]),
    [1, 2],
  );
  pace.close();
});
