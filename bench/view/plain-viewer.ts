import { once } from 'node:events';
import WebSocket from 'ws';
import { decodeFrame, type FromPage, PAGE_PROTOCOL, PANELS } from '../../nodes/viewer/page-protocol.js';

/** A viewer as the node sees one on another machine: it takes every frame as a page does, and draws nothing here. */
export class PlainViewer {
  readonly #socket: WebSocket;
  #frames = 0;
  #depths = 0;
  #bytes = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (!isBinary) return;
      this.#frames += 1;
      this.#bytes += data.length;
      // Its head is read in its own bytes: `ws` may give a part of a larger buffer.
      const { head } = decodeFrame(new Uint8Array(data).buffer);
      if (head.panel === 'depth') this.#depths += 1;
      this.#send({ op: 'drawn', panel: head.panel });
    });
  }

  static async open(url: string): Promise<PlainViewer> {
    const socket = new WebSocket(url.replace(/^http/, 'ws'), PAGE_PROTOCOL);
    const viewer = new PlainViewer(socket);
    await once(socket, 'open');
    viewer.#send({ op: 'show', panels: [...PANELS] });
    return viewer;
  }

  get seen(): { readonly frames: number; readonly depths: number; readonly bytes: number } {
    return { frames: this.#frames, depths: this.#depths, bytes: this.#bytes };
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #send(request: FromPage): void {
    this.#socket.send(JSON.stringify(request));
  }
}
