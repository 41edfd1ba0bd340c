import test from 'ava';
import { Subject } from 'rxjs';
import { imageCodec } from '../../../../msgs/image.js';
import { PageClient } from '../../../../nodes/viewer/server/page-client.js';
import type { Previews } from '../../../../nodes/viewer/server/previews.js';
import type { SendQueue } from '../../../../nodes/viewer/server/send-queue.js';
import { ViewHub } from '../../../../nodes/viewer/server/view-hub.js';

const DEPTH = '/rxdepth/depth/image';

// The clock of this process is the test's: this file must have one test at a time.
const realNow = performance.now;
test.afterEach.always(() => {
  performance.now = realNow;
});

test.serial(
  'a page that drew nothing for long asks for what it missed, though an older picture waits for it',
  async (t) => {
    let nowMs = 0;
    performance.now = () => nowMs;
    const hub = new ViewHub();
    const { type, definition } = imageCodec;
    await hub.advertise({ topic: DEPTH, type, definition });
    const sent: string[] = [];
    // What the client uses of them: no socket, no pictures.
    const queue = {
      send: () => {},
      offer: (_: string, [, payload]: Uint8Array[]) => sent.push(Buffer.from(payload).toString()),
    } as unknown as SendQueue;
    const previews = {
      of: (_: string, { cdr }: { cdr: Uint8Array }, ready: (preview: unknown) => void) =>
        ready({ head: { kind: 'bytes', width: 1, height: 1 }, payload: Uint8Array.from(cdr) }),
    } as unknown as Previews;
    const client = new PageClient({
      pace: { pass: (message, take) => take(message), scarce: false },
      ...{ hub, queue, previews, sessionId: 'session', mayChange: false },
      subject: {
        ...{ kind: 'bag', name: 'drive', camera: () => undefined, classes: () => [] },
        ...{ change$: new Subject<void>(), notice$: new Subject<string>() },
      },
    });
    let demands = 0;
    hub.demand$.subscribe(() => {
      demands += 1;
    });
    const ask = (request: object) => client.received(Buffer.from(JSON.stringify(request)), false);
    const publish = (text: string) => hub.publish({ topic: DEPTH, cdr: Buffer.from(text), logTimeNs: 1n });
    ask({ op: 'show', panels: ['depth'] });
    t.is(demands, 1);
    await publish('first');
    await publish('second');
    nowMs = 6000;
    await publish('third');
    t.is(hub.listenersOf(DEPTH), 0, 'it does not look');
    ask({ op: 'drawn', panel: 'depth' });
    t.deepEqual(sent, ['first', 'second']);
    t.is(demands, 2, 'the third is asked for again');
    // A paused recording answers with its frame.
    await publish('third');
    ask({ op: 'drawn', panel: 'depth' });
    t.deepEqual(sent, ['first', 'second', 'third']);
    client.end();
  },
);
