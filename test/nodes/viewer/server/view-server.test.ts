import { connect } from 'node:net';
import protocol, { type Channel, type MessageData, type ServerInfo } from '@foxglove/ws-protocol';
import test, { type ExecutionContext } from 'ava';
import { Subject } from 'rxjs';
import WebSocket from 'ws';
import { imageCodec } from '../../../../msgs/image.js';
import { labelInfoCodec } from '../../../../msgs/label-info.js';
import { perceptionStatusCodec } from '../../../../msgs/perception-status.js';
import { PAGE_PROTOCOL, type ToPage } from '../../../../nodes/viewer/page-protocol.js';
import { PlaybackClock } from '../../../../nodes/viewer/playback/playback-clock.js';
import type { AdaptationBoard } from '../../../../nodes/viewer/server/adaptation-board.js';
import type { FrameDrops } from '../../../../nodes/viewer/server/frame-drops.js';
import { ViewHub } from '../../../../nodes/viewer/server/view-hub.js';
import { ViewServer } from '../../../../nodes/viewer/server/view-server.js';
import type { ViewSubject } from '../../../../nodes/viewer/server/view-subject.js';
import { testImage } from '../../test-messages.js';
import { testStatus } from '../test-status.js';
import { ViewClient } from '../view-client.js';

const { FoxgloveClient: OtherClient } = protocol;

const DEPTH = '/rxdepth/depth/image';
const INFO = '/rxdepth/segmentation/label_info';
const FILES = new Map([['/', { type: 'text/html', bytes: Buffer.from('<!doctype html>the page') }]]);
const TOKEN = 'token-of-the-test';

async function served(
  t: ExecutionContext,
  change: Partial<ViewSubject> = {},
  host = '127.0.0.1',
  drops?: Pick<FrameDrops, 'many' | 'heard'>,
) {
  const hub = new ViewHub();
  await hub.advertise({ topic: DEPTH, type: imageCodec.type, definition: imageCodec.definition });
  await hub.advertise({
    topic: INFO,
    type: labelInfoCodec.type,
    definition: labelInfoCodec.definition,
    latched: true,
  });
  const subject: ViewSubject = {
    ...{ kind: 'bag', name: 'drive', camera: () => undefined, classes: () => [] },
    ...{ change$: new Subject<void>(), notice$: new Subject<string>() },
    ...change,
  };
  const server = await ViewServer.open({
    hub,
    subject,
    host,
    port: 0,
    say: (text) => t.log(text),
    files: FILES,
    token: TOKEN,
    ...(drops && { drops }),
  });
  t.teardown(() => server.close());
  return { hub, server, at: `127.0.0.1:${server.port}` };
}

const publish = (hub: ViewHub, cdr: Uint8Array, logTimeNs = 5n, topic = DEPTH) =>
  hub.publish({ topic, cdr, logTimeNs });

/** Resolves with the first value that fits; a test that waits in vain times out. */
function first<T>(on: (found: (value: T) => void) => void): Promise<T> {
  return new Promise((resolve) => on(resolve));
}

/** Opens a socket, or rejects with the status of the refusal. */
function socketTo(
  url: string,
  protocol: string | string[],
  options: WebSocket.ClientOptions = {},
): Promise<WebSocket> {
  const socket = new WebSocket(url, protocol, options);
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.once('unexpected-response', (_, { statusCode }) => reject(new Error(String(statusCode))));
    socket.once('error', reject);
  });
}

test('a client that was written elsewhere sees channels, schemas and the very bytes, under the old name', async (t) => {
  const { hub, at } = await served(t);
  const socket = new WebSocket(`ws://${at}`, [OtherClient.SUPPORTED_SUBPROTOCOL]);
  // Its interface asks for a browser's socket; that of `ws` works alike.
  const client = new OtherClient({
    ws: socket as unknown as ConstructorParameters<typeof OtherClient>[0]['ws'],
  });
  t.teardown(() => client.close());
  const channels = await first<Channel[]>((found) => client.on('advertise', found));
  const depth = channels.find(({ topic }) => topic === DEPTH);
  t.like(depth, { encoding: 'cdr', schemaName: 'sensor_msgs/msg/Image', schemaEncoding: 'ros2msg' });
  t.true(depth?.schema.includes('MSG: std_msgs/Header'));

  t.is(hub.listenersOf(DEPTH), 0);
  const wanted = first<void>((found) => hub.demand$.subscribe(() => found()));
  const received = first<MessageData>((found) => client.on('message', found));
  const id = client.subscribe(depth?.id ?? -1);
  await wanted;
  t.is(hub.listenersOf(DEPTH), 1, 'what is looked at is computed');
  const cdr = imageCodec.encode(testImage());
  await publish(hub, cdr, 1234n);
  const { subscriptionId, timestamp, data } = await received;
  t.is(subscriptionId, id);
  t.is(timestamp, 1234n);
  t.deepEqual(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), cdr);

  client.unsubscribe(id);
  await until(() => hub.listenersOf(DEPTH) === 0);
  t.pass('nobody looks any more');
});

test('both names of the protocol are spoken, the new one where both are offered', async (t) => {
  const { at } = await served(t);
  for (const [offered, spoken] of [
    [['foxglove.websocket.v1'], 'foxglove.websocket.v1'],
    [['foxglove.sdk.v1'], 'foxglove.sdk.v1'],
    [['foxglove.websocket.v1', 'foxglove.sdk.v1'], 'foxglove.sdk.v1'],
  ] as const) {
    const socket = await socketTo(`ws://${at}`, [...offered]);
    t.is(socket.protocol, spoken);
    socket.close();
  }
  await t.throwsAsync(socketTo(`ws://${at}`, 'chat'), { message: '400' });
});

test('late listeners get the last message of a latched topic', async (t) => {
  const { hub, at } = await served(t);
  const cdr = labelInfoCodec.encode({
    header: testImage().header,
    class_map: [{ class_id: 0, class_name: 'road' }],
    threshold: 0,
  });
  await publish(hub, cdr, 7n, INFO);
  const socket = await socketTo(`ws://${at}`, 'foxglove.sdk.v1');
  const received = first<Buffer>((found) =>
    socket.on('message', (data, isBinary) => isBinary && found(data as Buffer)),
  );
  const id = hub.channels.find(({ topic }) => topic === INFO)?.id;
  socket.send(JSON.stringify({ op: 'subscribe', subscriptions: [{ id: 3, channelId: id }] }));
  t.deepEqual(new Uint8Array((await received).subarray(13)), cdr);
  socket.close();
});

test('a recording is played, paused and sought by the protocol, and everybody is told', async (t) => {
  const clock = new PlaybackClock({ startNs: 1_000n, endNs: 9_000n });
  const { at } = await served(t, { playback: clock });
  const socket = new WebSocket(`ws://${at}`, 'foxglove.sdk.v1');
  t.teardown(() => socket.close());
  const info = await first<{ capabilities: string[]; dataEndTime: unknown }>((found) =>
    socket.once('message', (data) => found(JSON.parse(String(data)))),
  );
  t.deepEqual(info.capabilities, ['time', 'playbackControl']);
  t.deepEqual(info.dataEndTime, { sec: 0, nsec: 9_000 });
  // Pause, speed 2, seek to 5000 ns, request `r`.
  const request = Buffer.from('0301000000400188130000000000000100000072', 'hex');
  const answer = first<Buffer>((found) =>
    socket.on('message', (data, isBinary) => {
      const bytes = data as Buffer;
      if (isBinary && bytes[0] === 5 && bytes.length === 20) found(bytes);
    }),
  );
  socket.send(request);
  // Paused (1) at 5000 ns, speed 2, after a seek, in answer to `r`.
  t.is((await answer).toString('hex'), '0501881300000000000000000040010100000072');
  t.deepEqual(clock.state, { status: 'paused', timeNs: 5_000n, speed: 2 });
});

test('under the old name a recording has its time, and nothing that its clients take for an error', async (t) => {
  const clock = new PlaybackClock({ startNs: 1_000n, endNs: 9_000n, paused: true });
  const { hub, at } = await served(t, { playback: clock });
  const socket = new WebSocket(`ws://${at}`, [OtherClient.SUPPORTED_SUBPROTOCOL]);
  const client = new OtherClient({
    ws: socket as unknown as ConstructorParameters<typeof OtherClient>[0]['ws'],
  });
  t.teardown(() => client.close());
  client.on('error', (error) => t.fail(error.message));
  const info = first<ServerInfo>((found) => client.on('serverInfo', found));
  const channels = first<Channel[]>((found) => client.on('advertise', found));
  t.deepEqual((await info).capabilities, ['time'], 'playback control is no part of that protocol');
  await channels;
  const time = first<bigint>((found) => client.on('time', ({ timestamp }) => found(timestamp)));
  // A change of state that clients of the new name are told of, then a frame.
  clock.control({ speed: 2 });
  await clock.due(5_000n, true, new AbortController().signal);
  t.is(await time, 5_000n);
  // What comes after it in the same socket.
  const complaint = first<string>((found) => client.on('status', ({ message }) => found(message)));
  socket.send(Buffer.from('0301000000400188130000000000000100000072', 'hex'));
  t.regex(await complaint, /foxglove\.sdk\.v1/);
  t.is(clock.state.timeNs, 5_000n);
  hub.withdraw(DEPTH);
  t.is((await first<number[]>((found) => client.on('unadvertise', found))).length, 1);
});

test('a client is told of its channels also where there are none, and a subscription id means one channel', async (t) => {
  const { hub, at } = await served(t);
  for (const { topic } of hub.channels) hub.withdraw(topic);
  const socket = new WebSocket(`ws://${at}`, 'foxglove.sdk.v1');
  t.teardown(() => socket.close());
  const told: { op: string; channels?: { id: number }[]; message?: string }[] = [];
  socket.on('message', (data, isBinary) => {
    if (!isBinary) told.push(JSON.parse(String(data)));
  });
  await until(() => told.length === 2);
  t.like(told[1], { op: 'advertise', channels: [] });
  await hub.advertise({ topic: DEPTH, type: imageCodec.type, definition: imageCodec.definition });
  await hub.advertise({ topic: '/other', type: imageCodec.type, definition: imageCodec.definition });
  await until(() => told.length === 4);
  const ids = told.slice(2).map(({ channels }) => channels?.[0]?.id);
  const subscriptions = ids.map((channelId) => ({ id: 7, channelId }));
  socket.send(JSON.stringify({ op: 'subscribe', subscriptions }));
  await until(() => told.length === 5);
  t.regex(told[4]?.message ?? '', /id 7 is used/);
  t.is(hub.listenersOf(DEPTH), 1);
  t.is(hub.listenersOf('/other'), 0);
});

test('a page that comes late is told how things stand', async (t) => {
  const { hub, at } = await served(t);
  const { type, definition } = perceptionStatusCodec;
  await hub.advertise({ topic: '/rxdepth/status', type, definition });
  const status = { ...testStatus(), model_name: 'seen-before' };
  await publish(hub, perceptionStatusCodec.encode(status), 9n, '/rxdepth/status');
  const client = await ViewClient.open(`ws://${at}`);
  t.teardown(() => client.close());
  t.regex((await client.until(() => client.last('status'))).status.model, /^seen-before/);
});

test('a page that asks on and on has only a few answers in the making', async (t) => {
  let [working, most] = [0, 0];
  const adaptations = {
    list: async () => {
      working += 1;
      most = Math.max(most, working);
      await new Promise((resolve) => setTimeout(resolve, 20));
      working -= 1;
      return { op: 'runs', runs: [] } as const;
    },
  };
  // It is asked for nothing else.
  const { at } = await served(t, { adaptations: adaptations as unknown as AdaptationBoard });
  const client = await ViewClient.open(`ws://${at}`);
  t.teardown(() => client.close());
  for (let index = 0; index < 200; index++) client.send({ op: 'runs' });
  const answers = () => client.told.filter(({ op }) => op === 'runs' || op === 'notice').length;
  await client.until(() => answers() === 200);
  t.true(most <= 4, `${most} at once`);
  t.regex(client.last('notice')?.text ?? '', /at once/);
  client.send({ op: 'runs' });
  await client.until(() => client.told.at(-1)?.op === 'runs');
  t.pass('and later it is answered again');
});

test('a client that does not read neither slows the others nor grows', async (t) => {
  const { hub, at, server } = await served(t);
  const channelId = hub.channels.find(({ topic }) => topic === DEPTH)?.id;
  const subscribe = JSON.stringify({ op: 'subscribe', subscriptions: [{ id: 1, channelId }] });
  const deaf = await socketTo(`ws://${at}`, 'foxglove.sdk.v1');
  // The bytes stay in the kernel, and then in the server.
  (deaf as unknown as { _socket: { pause(): void } })._socket.pause();
  deaf.send(subscribe);
  const reader = await socketTo(`ws://${at}`, 'foxglove.sdk.v1');
  reader.send(subscribe);
  await until(() => hub.listenersOf(DEPTH) === 2);
  const cdr = new Uint8Array(2 << 20);
  for (let frame = 1; frame <= 60; frame++) {
    const seen = nextFrame(reader);
    cdr[4] = frame;
    // Not one frame waits for the deaf one: this resolves at once, and the other client has each of them.
    await publish(hub, cdr, BigInt(frame));
    t.is((await seen)[13 + 4], frame);
  }
  // 120 MiB were published; what is held for the deaf client are the messages on the way, and the newest.
  t.true(server.heldBytes < 12 << 20, `${server.heldBytes} bytes`);
  t.true(server.heldBytes > 2 << 20, 'it is deaf indeed');
  deaf.terminate();
  reader.close();
});

test('of a node without time to spare, pages and Foxglove see the last picture, whatever they left out', async (t) => {
  const heard: number[] = [];
  const drops = {
    many: true,
    heard: (cdr: Uint8Array) => heard.push(perceptionStatusCodec.decode(cdr).frames_dropped),
  };
  const { hub, at } = await served(t, { kind: 'live' }, '127.0.0.1', drops);
  const { type, definition } = perceptionStatusCodec;
  await hub.advertise({ topic: '/rxdepth/status', type, definition });
  const page = await ViewClient.open(`ws://${at}`);
  t.teardown(() => page.close());
  page.send({ op: 'show', panels: ['depth'] });
  const other = await socketTo(`ws://${at}`, 'foxglove.sdk.v1');
  t.teardown(() => other.terminate());
  const channelId = hub.channels.find(({ topic }) => topic === DEPTH)?.id;
  other.send(JSON.stringify({ op: 'subscribe', subscriptions: [{ id: 1, channelId }] }));
  let last = 0n;
  other.on('message', (data: Buffer, isBinary) => {
    if (isBinary && data[0] === 1) last = data.readBigUInt64LE(5);
  });
  await until(() => hub.listenersOf(DEPTH) === 2);
  const image = { ...testImage({ width: 200, height: 100 }), encoding: '16UC1', step: 600 };
  const cdr = imageCodec.encode(image);
  for (let frame = 1n; frame <= 40n; frame++) await publish(hub, cdr, frame);
  await publish(
    hub,
    perceptionStatusCodec.encode({ ...testStatus(), frames_dropped: 9 }),
    41n,
    '/rxdepth/status',
  );
  await page.until(() => page.frame('depth', 40n));
  await until(() => last === 40n);
  t.true(page.frames.length < 40, 'most were left out');
  t.deepEqual(heard, [9]);
});

test('only the files of the page are served, only to GET and HEAD, with heads that keep others out', async (t) => {
  const { at } = await served(t);
  const page = await fetch(`http://${at}/`);
  t.is(await page.text(), '<!doctype html>the page');
  t.regex(page.headers.get('content-security-policy') ?? '', /default-src 'self'/);
  t.is(page.headers.get('x-content-type-options'), 'nosniff');
  t.is((await fetch(`http://${at}/`, { method: 'POST' })).status, 405);
  for (const path of [
    '/package.json',
    '/../package.json',
    '/..%2f..%2fpackage.json',
    '/%2e%2e/%2e%2e/etc/passwd',
    '//etc/passwd',
    '/constructor',
  ])
    t.regex(
      await raw(at, `GET ${path} HTTP/1.1\r\nHost: ${at}\r\nConnection: close\r\n\r\n`),
      /^HTTP\/1\.1 404/,
      path,
    );
  t.regex(
    await raw(at, `GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`),
    /^HTTP\/1\.1 403/,
  );
});

test('sockets of other sites, and under other host names, are refused', async (t) => {
  const { at } = await served(t);
  const protocol = 'foxglove.sdk.v1';
  await t.throwsAsync(socketTo(`ws://${at}`, protocol, { origin: 'http://evil.example' }), {
    message: '403',
  });
  await t.throwsAsync(socketTo(`ws://${at}`, protocol, { origin: 'null' }), { message: '403' });
  await t.throwsAsync(socketTo(`ws://${at}`, protocol, { headers: { Host: 'evil.example' } }), {
    message: '403',
  });
  const own = await socketTo(`ws://${at}`, protocol, { origin: `http://${at}` });
  own.close();
});

test('where others are served, page and sockets need the token', async (t) => {
  const { at, server } = await served(t, {}, '0.0.0.0');
  t.true(server.url.includes(`?token=${TOKEN}`));
  t.is((await fetch(`http://${at}/`)).status, 403);
  t.is((await fetch(`http://${at}/?token=${TOKEN}`)).status, 200);
  await t.throwsAsync(socketTo(`ws://${at}/`, 'foxglove.sdk.v1'), { message: '403' });
  (await socketTo(`ws://${at}/?token=${TOKEN}`, 'foxglove.sdk.v1')).close();
});

test('clients, and what they send, are bounded', async (t) => {
  const { at, server } = await served(t);
  const sockets = await Promise.all(
    Array.from({ length: 32 }, () => socketTo(`ws://${at}`, 'foxglove.sdk.v1')),
  );
  await t.throwsAsync(socketTo(`ws://${at}`, 'foxglove.sdk.v1'), { message: '503' });
  const [long, other] = sockets as [WebSocket, WebSocket];
  const closed = first<number>((found) => long.once('close', found));
  long.send('x'.repeat(1 << 20));
  t.is(await closed, 1009, 'too big');
  await until(() => server.clientCount === 31);
  // Nonsense is answered, and nobody falls over it.
  const complaint = first<string>((found) =>
    other.on(
      'message',
      (data, isBinary) => !isBinary && /"status"/.test(String(data)) && found(String(data)),
    ),
  );
  other.send('nonsense');
  t.regex(await complaint, /JSON/);
  other.send(Buffer.from([3]));
  other.send(Buffer.alloc(0));
  for (const socket of sockets) socket.terminate();
  await until(() => server.clientCount === 0);
});

test('a page may change the model only with the token', async (t) => {
  const { at } = await served(t);
  const asked = async (url: string): Promise<ToPage> => {
    const socket = await socketTo(url, PAGE_PROTOCOL);
    const answer = first<ToPage>((found) =>
      socket.on('message', (data) => {
        const message = JSON.parse(String(data)) as ToPage;
        if (message.op === 'answer') found(message);
      }),
    );
    socket.send(JSON.stringify({ op: 'rollback', id: 4 }));
    const told = await answer;
    socket.close();
    return told;
  };
  t.like(await asked(`ws://${at}/?token=${TOKEN}`), { id: 4, ok: false, message: 'no model runs here' });
});

test('a port that is taken is told with what to do', async (t) => {
  const { hub, server } = await served(t);
  const subject = { kind: 'live', name: '', camera: () => undefined, classes: () => [] } as const;
  const streams = { change$: new Subject<void>(), notice$: new Subject<string>() };
  await t.throwsAsync(
    ViewServer.open({
      hub,
      subject: { ...subject, ...streams },
      host: '127.0.0.1',
      port: server.port,
      say: () => {},
      files: FILES,
    }),
    { message: /is taken: choose another one with `--port`/ },
  );
});

/** The next binary message. */
function nextFrame(socket: WebSocket): Promise<Buffer> {
  return first((found) => {
    const look = (data: WebSocket.RawData, isBinary: boolean) => {
      if (!isBinary) return;
      socket.off('message', look);
      found(data as Buffer);
    };
    socket.on('message', look);
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** What a server answers to bytes that no client would let one send. */
function raw(at: string, request: string): Promise<string> {
  const [host = '', port] = at.split(':');
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host, () => socket.end(request));
    let text = '';
    socket.on('data', (data) => {
      text += data;
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
}
