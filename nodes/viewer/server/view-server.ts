import { randomBytes, randomUUID } from 'node:crypto';
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { perceptionStatusCodec } from '../../../msgs/perception-status.js';
import { NodeError } from '../../errors.js';
import { FOXGLOVE_PROTOCOLS } from '../../transport/foxglove/foxglove-messages.js';
import { PAGE_PROTOCOL } from '../page-protocol.js';
import { Access, type RequestOrigin } from './access.js';
import { FoxgloveClient } from './foxglove-client.js';
import { FrameDrops } from './frame-drops.js';
import { PageClient } from './page-client.js';
import { type PageFile, readPageFiles } from './page-files.js';
import { type PictureDecoder, Previews } from './previews.js';
import { SendQueue } from './send-queue.js';
import type { ViewHub } from './view-hub.js';
import { ViewPace } from './view-pace.js';
import type { ViewSubject } from './view-subject.js';

export interface ViewServerOptions {
  readonly hub: ViewHub;
  readonly subject: ViewSubject;
  /** Address to listen on; others than those of the loopback need the token for everything. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Origins of pages of others that may read along. */
  readonly origins?: readonly string[];
  readonly decoder?: PictureDecoder;
  /** Told what could not be shown. */
  readonly say: (text: string) => void;
  /** Of a node at work; default those that its status tells of. */
  readonly drops?: Pick<FrameDrops, 'many' | 'heard'>;
  /** Default: those that the build made. */
  readonly files?: ReadonlyMap<string, PageFile>;
  /** Secret of the changes; default a random one. */
  readonly token?: string;
}

const PROTOCOLS: readonly string[] = [PAGE_PROTOCOL, ...FOXGLOVE_PROTOCOLS];
const MOST_CLIENTS = 32;
/** Connections that are no sockets yet, and downloads of the page. */
const MOST_CONNECTIONS = 200;
/** Requests are short. */
const MOST_REQUEST_BYTES = 256 << 10;
/** A client that does not answer for two of these is gone. */
const PING_MS = 20_000;
const TOKEN_BYTES = 18;
/** What a client on this machine takes to read a message, as a multiple of the time to write it. */
const READING = 3;
const LOOPBACK = /^(::ffff:)?127\.|^::1$/;

const POLICY =
  "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
const HEADS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

/** Serves the page, its sockets and those of Foxglove under one address. */
export class ViewServer {
  /** With the token. */
  readonly url: string;
  readonly port: number;
  readonly #options: ViewServerOptions;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #access: Access;
  readonly #files: ReadonlyMap<string, PageFile>;
  readonly #previews: Previews;
  readonly #pace: ViewPace;
  readonly #ending: (() => void)[] = [];
  readonly #sessionId = randomUUID();
  readonly #pings: NodeJS.Timeout;
  readonly #silent = new WeakSet<WebSocket>();
  readonly #queues = new Set<SendQueue>();

  private constructor(options: ViewServerOptions, http: Server, token: string) {
    this.#options = options;
    this.#http = http;
    const { host, origins, subject } = options;
    this.#access = new Access({ host, token, ...(origins && { origins }) });
    this.#files = options.files ?? readPageFiles();
    this.#previews = new Previews(options.decoder, options.say);
    this.#pace = new ViewPace({ scarce: this.#scarcity() });
    this.port = (http.address() as AddressInfo).port; // it listens on TCP
    const address = ['0.0.0.0', '::'].includes(host) ? ownAddress() : host;
    const name = address.includes(':') ? `[${address}]` : address;
    const secret = subject.models !== undefined || !this.#access.loopback;
    this.url = `http://${name}:${this.port}/${secret ? `?token=${token}` : ''}`;
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: MOST_REQUEST_BYTES,
      perMessageDeflate: false,
      handleProtocols: (offered) => PROTOCOLS.find((name) => offered.has(name)) ?? false,
    });
    http.on('request', (request, response) => this.#serve(request, response));
    http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#pings = setInterval(() => this.#ping(), PING_MS);
    this.#pings.unref();
  }

  /** @throws NodeError when the address cannot be had, or the page was not built. */
  static async open(options: ViewServerOptions): Promise<ViewServer> {
    const { host, port } = options;
    const files = options.files ?? readPageFiles();
    const http = createServer();
    http.maxConnections = MOST_CONNECTIONS;
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject);
      http.listen({ host, port }, resolve);
    }).catch((cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EADDRINUSE'
          ? `port ${port} is taken: choose another one with \`--port\`, or 0 for any that is free`
          : `${cause.message}: \`--host\` is an address of this machine, \`--port\` a port that you may use`;
      throw new NodeError(`the page cannot be served on ${host}:${port}: ${why}`, { cause });
    });
    // A connection that breaks is no error of the server.
    http.on('error', (error) => options.say(`the server of the page: ${error.message}`));
    const token = options.token ?? randomBytes(TOKEN_BYTES).toString('base64url');
    return new ViewServer({ ...options, files }, http, token);
  }

  get clientCount(): number {
    return this.#sockets.clients.size;
  }

  /** Bytes that wait for clients to read them. */
  get heldBytes(): number {
    let bytes = 0;
    for (const queue of this.#queues) bytes += queue.heldBytes;
    return bytes;
  }

  async close(): Promise<void> {
    clearInterval(this.#pings);
    this.#pace.close();
    for (const end of this.#ending.splice(0)) end();
    for (const socket of this.#sockets.clients) socket.close(1001, 'the server ends');
    const closed = new Promise<void>((resolve) => this.#http.close(() => resolve()));
    this.#http.closeIdleConnections();
    // Those who do not answer the farewell.
    const timer = setTimeout(() => {
      for (const socket of this.#sockets.clients) socket.terminate();
      this.#http.closeAllConnections();
    }, 1000);
    await closed;
    clearTimeout(timer);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url?.split('?')[0] ?? '';
    const isPage = path === '/' || path === '/index.html';
    // The program itself is no secret, and knows none.
    const refusal = this.#access.refusal(originOf(request), isPage);
    const file = this.#files.get(path);
    if (refusal !== undefined) answer(response, 403, refusal);
    else if (request.method !== 'GET' && request.method !== 'HEAD')
      answer(response, 405, 'only GET and HEAD');
    else if (file === undefined) answer(response, 404, 'there is no such page');
    else {
      // Some browsers do not count sockets of this very address as 'self'. Whoever is no own host was refused above.
      const policy = `${POLICY}; connect-src 'self' ws://${request.headers.host} wss://${request.headers.host}`;
      response.writeHead(200, {
        ...HEADS,
        'content-security-policy': policy,
        'content-type': file.type,
        'content-length': file.bytes.length,
      });
      response.end(request.method === 'HEAD' ? undefined : file.bytes);
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const origin = originOf(request);
    const refusal = this.#access.refusal(origin, true);
    const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim()) ?? [];
    if (refusal !== undefined) refuse(socket, 403, refusal);
    else if (!offered.some((name) => PROTOCOLS.includes(name)))
      refuse(socket, 400, `expected one of the subprotocols ${PROTOCOLS.join(', ')}`);
    else if (this.clientCount >= MOST_CLIENTS) refuse(socket, 503, `no more than ${MOST_CLIENTS} clients`);
    else this.#sockets.handleUpgrade(request, socket, head, (client) => this.#welcome(client, request));
  }

  #welcome(socket: WebSocket, request: IncomingMessage): void {
    const { hub, subject } = this.#options;
    const pace = this.#pace;
    const isHere = LOOPBACK.test(request.socket.remoteAddress ?? '');
    const others = isHere ? READING : 0;
    const queue = new SendQueue(socket, (task) => pace.work(task, others));
    this.#queues.add(queue);
    const sessionId = this.#sessionId;
    const { name, playback } = subject;
    const client =
      socket.protocol === PAGE_PROTOCOL
        ? new PageClient({
            ...{ hub, subject, queue, pace, sessionId, previews: this.#previews },
            mayChange: this.#access.mayChange(originOf(request)),
          })
        : new FoxgloveClient({
            ...{ hub, queue, pace },
            name: `rxdepth: ${name}`,
            sessionId,
            protocol: socket.protocol,
            ...(playback && { playback }),
          });
    socket.on('message', (data, isBinary) => {
      // `ws` gives one Buffer as long as `binaryType` is left alone.
      pace.work(() => client.received(data as Buffer, isBinary));
    });
    socket.on('pong', () => this.#silent.delete(socket));
    socket.on('close', () => {
      this.#queues.delete(queue);
      client.end();
    });
    socket.on('error', () => socket.terminate());
  }

  /** A recording is computed for those who look; a node at work has other things to do first. */
  #scarcity(): () => boolean {
    const { hub, subject, drops = new FrameDrops() } = this.#options;
    if (subject.kind !== 'live') return () => false;
    const told = new Set<string>();
    this.#ending.push(
      hub.add({
        wants: (topic) => told.has(topic),
        deliver: ({ cdr }) => drops.heard(cdr),
        channelsAdded: (channels) => {
          for (const { topic, type } of channels) if (type === perceptionStatusCodec.type) told.add(topic);
        },
        channelsRemoved: (channels) => {
          for (const { topic } of channels) told.delete(topic);
        },
      }),
    );
    return () => drops.many;
  }

  #ping(): void {
    for (const socket of this.#sockets.clients) {
      if (this.#silent.has(socket)) socket.terminate();
      else {
        this.#silent.add(socket);
        socket.ping();
      }
    }
  }
}

/** An address under which other machines reach this one, as far as there is any. */
function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((some) => some ?? []);
  return addresses.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

function originOf({ headers, url }: IncomingMessage): RequestOrigin {
  return { host: headers.host, origin: headers.origin, url };
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { ...HEADS, 'content-type': 'text/plain; charset=utf-8' });
  response.end(`rxdepth: ${text}\n`);
}

function refuse(socket: Duplex, status: number, text: string): void {
  const body = `rxdepth: ${text}\n`;
  const heads = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${heads.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
