import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FileServer {
  readonly url: string;
  /** Bytes of bodies that were sent. */
  sent: number;
  /** Answers that are broken off in the middle, from the next one on. */
  breaks: number;
  close(): Promise<void>;
}

/** Serves contents by path, with range requests unless told otherwise. */
export async function startFileServer(
  files: ReadonlyMap<string, Buffer>,
  { ranges = true }: { readonly ranges?: boolean } = {},
): Promise<FileServer> {
  const server = createServer((request, response) => {
    const content = files.get(decodeURIComponent((request.url ?? '').replace(/\?.*$/, '')));
    if (content === undefined) {
      response.writeHead(404).end('nothing here');
      return;
    }
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec((ranges && request.headers.range) || '') ?? [];
    const body = from === undefined ? content : content.subarray(Number(from), Number(to) + 1);
    const headers = { etag: '"1"', 'content-length': body.length };
    if (from === undefined) response.writeHead(200, headers);
    else {
      const range = `bytes ${from}-${Number(from) + body.length - 1}/${content.length}`;
      response.writeHead(206, { ...headers, 'content-range': range });
    }
    if (state.breaks > 0 && body.length > 1) {
      state.breaks -= 1;
      response.write(body.subarray(0, body.length / 2), () => response.destroy());
      return;
    }
    state.sent += body.length;
    response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo;
  const state: FileServer = {
    ...{ url: `http://127.0.0.1:${port}`, sent: 0, breaks: 0 },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return state;
}
