import test from 'ava';
import { SendQueue } from '../../../../nodes/viewer/server/send-queue.js';

/** A socket whose network is a switch. */
class FakeSocket {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  terminated = false;
  readonly sent: { readonly data: string | Uint8Array; readonly fin: boolean }[] = [];
  #unsent: { readonly bytes: number; readonly done: () => void }[] = [];

  send(data: string | Uint8Array, { fin }: { fin: boolean }, done: () => void): void {
    this.sent.push({ data, fin });
    this.bufferedAmount += data.length;
    this.#unsent.push({ bytes: data.length, done });
  }

  terminate(): void {
    this.terminated = true;
  }

  /** The network takes everything. */
  drain(): void {
    while (this.#unsent.length > 0) {
      const { bytes, done } = this.#unsent.shift() ?? { bytes: 0, done: () => {} };
      this.bufferedAmount -= bytes;
      done();
    }
  }
}

const MEBI = 1 << 20;
const message = (mark: number, bytes = MEBI) => [new Uint8Array(bytes).fill(mark)];
const marks = ({ sent }: FakeSocket) => sent.map(({ data }) => data[0]);

test('of each key, the newest waits while the client does not read, and memory stays bounded', (t) => {
  const socket = new FakeSocket();
  const queue = new SendQueue(socket);
  for (let frame = 1; frame <= 20; frame++) {
    queue.offer('depth', message(frame));
    queue.offer('points', message(100 + frame));
  }
  t.true(queue.heldBytes <= 7 * MEBI, `${queue.heldBytes}`);
  t.true(queue.dropped > 30);
  const before = socket.sent.length;
  socket.drain();
  t.deepEqual(marks(socket).slice(before), [20, 120]);
  t.is(queue.heldBytes, 0);
});

test('many keys together are bounded too: the oldest go first', (t) => {
  const socket = new FakeSocket();
  const queue = new SendQueue(socket);
  for (let key = 0; key < 90; key++) queue.offer(`topic ${key}`, message(key));
  t.true(queue.heldBytes <= 70 * MEBI, `${queue.heldBytes}`);
  socket.drain();
  t.is(marks(socket).at(-1), 89);
});

test('the parts of a message follow one another, as one', (t) => {
  const socket = new FakeSocket();
  new SendQueue(socket).offer('a', [Uint8Array.of(1), Uint8Array.of(2)]);
  t.deepEqual(
    socket.sent.map(({ fin }) => fin),
    [false, true],
  );
});

test('what is forgotten is not sent', (t) => {
  const socket = new FakeSocket();
  const queue = new SendQueue(socket);
  for (let frame = 0; frame < 8; frame++) queue.offer('depth', message(frame));
  queue.forget('depth');
  const before = socket.sent.length;
  socket.drain();
  t.is(socket.sent.length, before);
});

test('a client that reads nothing and goes on asking is sent away', (t) => {
  const socket = new FakeSocket();
  const queue = new SendQueue(socket);
  for (let answer = 0; answer < 40; answer++) queue.send('x'.repeat(MEBI));
  t.true(socket.terminated);
  t.true(socket.bufferedAmount < 20 * MEBI);
});

test('nothing is sent to a closed socket', (t) => {
  const socket = new FakeSocket();
  socket.readyState = 3;
  const queue = new SendQueue(socket);
  queue.send('x');
  queue.offer('a', message(1));
  t.deepEqual(socket.sent, []);
  t.is(queue.heldBytes, 0);
});
