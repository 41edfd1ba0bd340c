import protocol, { type Channel, type MessageData, type ServerInfo } from '@foxglove/ws-protocol';
import test from 'ava';
import WebSocket from 'ws';
import { imageCodec } from '../../../../msgs/image.js';
import { labelInfoCodec } from '../../../../msgs/label-info.js';
import { PlaybackClock } from '../../../../nodes/viewer/playback/playback-clock.js';
import { testImage } from '../../test-messages.js';
import { DEPTH, first, INFO, publish, served, socketTo, until } from './served.js';

const { FoxgloveClient: OtherClient } = protocol;

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
