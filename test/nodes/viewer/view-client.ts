import WebSocket from 'ws';
import {
  decodeFrame,
  type FrameHead,
  type FromPage,
  PAGE_PROTOCOL,
  type PanelName,
  type ToPage,
} from '../../../nodes/viewer/page-protocol.js';

export interface SeenFrame {
  readonly head: FrameHead;
  readonly payload: Uint8Array;
}

/** Speaks as the page does, and keeps what it was told. */
export class ViewClient {
  readonly told: ToPage[] = [];
  readonly frames: SeenFrame[] = [];
  readonly #socket: WebSocket;
  #changed = () => {};

  readonly url: string;

  private constructor(socket: WebSocket, url: string) {
    this.#socket = socket;
    this.url = url;
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) {
        const bytes = new Uint8Array(data).slice();
        const frame = decodeFrame(bytes.buffer);
        this.frames.push(frame);
        this.send({ op: 'drawn', panel: frame.head.panel });
      } else this.told.push(JSON.parse(String(data)) as ToPage);
      this.#changed();
    });
  }

  /** @param url as `rxdepth view` prints it */
  static async open(url: string): Promise<ViewClient> {
    const socket = new WebSocket(url.replace(/^http/, 'ws'), PAGE_PROTOCOL);
    const client = new ViewClient(socket, url);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  send(request: FromPage): void {
    this.#socket.send(JSON.stringify(request));
  }

  /** Waits until something is found in what came; forever if need be: the test's own limit ends it. */
  async until<T>(find: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined && found !== false) return found;
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  last<O extends ToPage['op']>(op: O): Extract<ToPage, { op: O }> | undefined {
    return this.told.filter((message): message is Extract<ToPage, { op: O }> => message.op === op).at(-1);
  }

  frame(panel: PanelName, timeNs?: bigint): SeenFrame | undefined {
    return this.frames
      .filter(({ head }) => head.panel === panel && (timeNs === undefined || head.timeNs === String(timeNs)))
      .at(-1);
  }

  close(): void {
    this.#socket.terminate();
  }
}
