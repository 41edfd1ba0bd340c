import test from 'ava';
import { imageCodec } from '../../../../msgs/image.js';
import { LentMemory } from '../../../../nodes/perception/engine/lent-memory.js';
import { ViewMessage } from '../../../../nodes/viewer/server/view-message.js';
import { ViewPace } from '../../../../nodes/viewer/server/view-pace.js';

const BYTES = 100_000;

function channelOf(topic: string) {
  const { type, definition } = imageCodec;
  return { id: 1, topic, type, definition, latched: false };
}

/** A message whose bytes are those of a publisher that uses them again. */
function messageOf(topic: string, cdr: Uint8Array, mark: number): ViewMessage {
  cdr.fill(mark);
  return new ViewMessage(channelOf(topic), { topic, cdr, logTimeNs: BigInt(mark) });
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
    t.true(share < 0.02, `${viewers} viewers: ${share} of two cores`);
    t.true(share > 0.009, `${viewers} viewers: ${share} of two cores`);
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
  clock.ms += 4000;
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

/** A publisher with a few buffers, which it writes again as soon as nobody keeps them. */
class LendingPublisher {
  /** Buffers that nobody keeps. */
  readonly free: Uint8Array[] = [];
  made = 0;
  readonly #topic: string;

  constructor(topic: string) {
    this.#topic = topic;
  }

  /** @returns ends the publication: from then on the buffer is the publisher's, but for those who keep it */
  publish(mark: number, to: (message: ViewMessage) => void): void {
    const cdr = this.free.pop() ?? new Uint8Array(BYTES);
    if (cdr[0] === 0) this.made += 1;
    cdr.fill(mark);
    const memory = new LentMemory(() => this.free.push(cdr));
    const message = { topic: this.#topic, cdr, logTimeNs: BigInt(mark), keep: () => memory.keep() };
    to(new ViewMessage(channelOf(this.#topic), message));
    memory.release();
  }
}

test('what waits lies where its publisher has it, which gets all of its memory back', async (t) => {
  const { pace, clock } = paced();
  const publisher = new LendingPublisher('depth');
  const seen: string[] = [];
  const buffers = new Set<ArrayBufferLike>();
  const look = ({ cdr }: ViewMessage) => {
    seen.push(`${cdr[0]} ${cdr.length === BYTES && cdr.every((byte) => byte === cdr[0])}`);
    buffers.add(cdr.buffer);
    clock.ms += 20;
  };
  for (let round = 0; round < 3; round++) {
    const first = 100 * round + 1;
    for (let mark = first; mark < first + 20; mark++) {
      publisher.publish(mark, (message) => {
        for (let viewer = 0; viewer < 2; viewer++) pace.pass(message, look);
      });
    }
    clock.ms += 10_000;
    // Only the first round begins with a message that need not wait.
    const expected = 4 + 2 * round;
    await until(() => seen.length === expected);
  }
  t.deepEqual(
    seen,
    [1, 20, 120, 220].flatMap((mark) => [`${mark} true`, `${mark} true`]),
  );
  // One is written while one waits: no third one was ever needed, and viewers saw no other memory.
  t.is(publisher.made, 2);
  t.is(publisher.free.length, 2);
  t.true([...buffers].every((buffer) => publisher.free.some((free) => free.buffer === buffer)));
  pace.close();
});

test('memory that waits goes back when a newer message passes, and at the end', (t) => {
  let scarce = true;
  const { pace, clock } = paced(() => scarce);
  const publisher = new LendingPublisher('depth');
  const costly = (message: ViewMessage) =>
    pace.pass(message, () => {
      clock.ms += 20;
    });
  publisher.publish(1, costly);
  publisher.publish(2, costly);
  t.is(publisher.free.length, 0, 'the second waits');
  scarce = false;
  publisher.publish(3, costly);
  t.is(publisher.free.length, 2);
  scarce = true;
  publisher.publish(4, costly);
  publisher.publish(5, costly);
  t.is(publisher.free.length, 1);
  pace.close();
  t.is(publisher.free.length, 2);
});

test('what is made only for those who look is made once, and not at all where a newer one comes first', async (t) => {
  const { pace, clock } = paced();
  const made: number[] = [];
  const seen: (number | undefined)[] = [];
  const publish = (mark: number) => {
    const make = () => {
      made.push(mark);
      return new Uint8Array(BYTES).fill(mark);
    };
    const message = new ViewMessage(channelOf('camera'), {
      ...{ topic: 'camera', logTimeNs: BigInt(mark), byteLength: BYTES, make },
    });
    for (let viewer = 0; viewer < 2; viewer++)
      pace.pass(message, ({ cdr }) => {
        seen.push(cdr[0]);
        clock.ms += 20;
      });
  };
  for (let mark = 1; mark <= 9; mark++) publish(mark);
  clock.ms += 10_000;
  await until(() => seen.length === 4);
  t.deepEqual(made, [1, 9]);
  t.deepEqual(seen, [1, 1, 9, 9]);
  pace.close();
});
