import { connect } from 'node:net';
import test from 'ava';
import { Subject } from 'rxjs';
import type WebSocket from 'ws';
import { imageCodec } from '../../../../msgs/image.js';
import { perceptionStatusCodec } from '../../../../msgs/perception-status.js';
import { PAGE_PROTOCOL, type ToPage } from '../../../../nodes/viewer/page-protocol.js';
import type { AdaptationBoard } from '../../../../nodes/viewer/server/adaptation-board.js';
import { ViewServer } from '../../../../nodes/viewer/server/view-server.js';
import { testImage } from '../../test-messages.js';
import { testStatus } from '../test-status.js';
import { ViewClient } from '../view-client.js';
import { DEPTH, FILES, first, publish, served, socketTo, TOKEN, until } from './served.js';

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
