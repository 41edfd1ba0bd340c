import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import test from 'ava';
import { RclNode } from '../../../../nodes/transport/ros2/rcl-node.js';
import type { Rclnodejs, RclPlainNode } from '../../../../nodes/transport/ros2/rclnodejs.js';

test('a node that is closed in the callback of a socket stops after it, and once', async (t) => {
  let inCallback = false;
  const stops: boolean[] = [];
  const rcl = { QoS: class {}, isShutdown: () => stops.length > 0, shutdown: () => stops.push(inCallback) };
  const node = {
    getFullyQualifiedName: () => '/test',
    getLogger: () => ({}),
    getClock: () => ({}),
    createSubscription: () => ({}),
    destroy: () => {},
  };
  // What closing uses of them; a real one cannot live in a thread of a test.
  const ros = new RclNode(rcl as unknown as Rclnodejs, node as unknown as RclPlainNode);
  const closed = new Promise<void>((resolve) => {
    const server = createServer((socket) => {
      server.close();
      socket.once('data', () => {
        // Until the turn is over: promises go on within the callback of libuv.
        inCallback = true;
        setImmediate(() => {
          inCallback = false;
        });
        resolve(Promise.all([ros.close(), ros.close()]).then(() => ros.close()));
        socket.destroy();
      });
    });
    server.listen(0, '127.0.0.1', async () => {
      const address = server.address();
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
      const client = connect(port, '127.0.0.1').on('error', () => {});
      await once(client, 'connect');
      client.write('end');
    });
  });
  await closed;
  t.deepEqual(stops, [false]);
});
