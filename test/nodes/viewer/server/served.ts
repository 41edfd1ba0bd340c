import type { ExecutionContext } from 'ava';
import { Subject } from 'rxjs';
import WebSocket from 'ws';
import { imageCodec } from '../../../../msgs/image.js';
import { labelInfoCodec } from '../../../../msgs/label-info.js';
import type { FrameDrops } from '../../../../nodes/viewer/server/frame-drops.js';
import { ViewHub } from '../../../../nodes/viewer/server/view-hub.js';
import { ViewServer } from '../../../../nodes/viewer/server/view-server.js';
import type { ViewSubject } from '../../../../nodes/viewer/server/view-subject.js';

export const DEPTH = '/rxdepth/depth/image';
export const INFO = '/rxdepth/segmentation/label_info';
export const FILES = new Map([['/', { type: 'text/html', bytes: Buffer.from('<!doctype html>the page') }]]);
export const TOKEN = 'token-of-the-test';

/** A server of a page, of depth and of latched class names. */
export async function served(
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

export const publish = (hub: ViewHub, cdr: Uint8Array, logTimeNs = 5n, topic = DEPTH) =>
  hub.publish({ topic, cdr, logTimeNs });

/** Resolves with the first value that fits; a test that waits in vain times out. */
export function first<T>(on: (found: (value: T) => void) => void): Promise<T> {
  return new Promise((resolve) => on(resolve));
}

/** Opens a socket, or rejects with the status of the refusal. */
export function socketTo(
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

/** Waits until something holds; a test that waits in vain times out. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
