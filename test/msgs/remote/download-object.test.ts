import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { streamObject } from '../../../msgs/remote/download-object.js';

/** Address of a server that answers by `answer`. */
async function serverOf(t: ExecutionContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/drive.db3`;
}

test('an object may take longer than the time that nothing may come', async (t) => {
  const url = await serverOf(t, (_, response) => {
    response.setHeader('content-length', '12');
    let sent = 0;
    const timer = setInterval(() => {
      response.write('x');
      if (++sent === 12) {
        clearInterval(timer);
        response.end();
      }
    }, 100);
  });
  const began = performance.now();
  const { bytes } = await streamObject(url, 100, () => undefined, 600);
  t.is(bytes, 12);
  t.true(performance.now() - began > 600);
});

test('one that falls silent is given up, and says after how many bytes', async (t) => {
  const url = await serverOf(t, (_, response) => {
    response.setHeader('content-length', '12');
    response.write('hello');
  });
  await t.throwsAsync(
    streamObject(url, 100, () => undefined, 300),
    {
      message: /broke off after 5 bytes: nothing came for 0.3 s/,
    },
  );
});

test('a slow disk is not the silence of the server', async (t) => {
  const url = await serverOf(t, (_, response) => response.end('hello'));
  const { bytes } = await streamObject(
    url,
    100,
    () => new Promise((resolve) => setTimeout(resolve, 400)),
    200,
  );
  t.is(bytes, 5);
});
