import { decodeFrame, type FromPage, PAGE_PROTOCOL, type PanelName, type ToPage } from '../page-protocol.js';
import type { Frames } from './frames.js';
import { type PageState, type Store, secondsOf } from './store.js';

const FIRST_RETRY_MS = 400;
const LAST_RETRY_MS = 4000;
/** Statuses that are drawn: ten minutes of one a second. */
const MOST_STATUSES = 600;
const MOST_NOTICES = 20;

type Answer = Extract<ToPage, { op: 'answer' }>;

/** The socket to the server: keeps trying, asks for what is seen, and puts what comes where it is drawn. */
export class Connection {
  readonly #store: Store<PageState>;
  readonly #frames: Frames;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #socket: WebSocket | undefined;
  #shown: readonly PanelName[] = [];
  #retryMs = FIRST_RETRY_MS;
  #nextId = 1;
  #nextNotice = 1;

  constructor(store: Store<PageState>, frames: Frames) {
    this.#store = store;
    this.#frames = frames;
    document.addEventListener('visibilitychange', () => this.#tellShown());
  }

  open(): void {
    const url = new URL(location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.hash = '';
    const socket = new WebSocket(url, PAGE_PROTOCOL);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    socket.onopen = () => {
      this.#retryMs = FIRST_RETRY_MS;
      this.#store.set({ connection: 'open' });
      this.#tellShown();
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') this.#told(JSON.parse(data) as ToPage);
      else void this.#framed(data as ArrayBuffer);
    };
    socket.onclose = () => {
      this.#store.set({ connection: 'lost', troubles: [] });
      for (const [id, answered] of this.#waiting)
        answered({ op: 'answer', id, ok: false, message: 'the connection was lost' });
      this.#waiting.clear();
      setTimeout(() => this.open(), this.#retryMs);
      this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 1.7);
    };
  }

  /** What is seen now. */
  show(panels: readonly PanelName[]): void {
    this.#shown = panels;
    this.#tellShown();
  }

  send(request: FromPage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(request));
  }

  /** Asks for a change of the model. */
  change(
    request: { readonly op: 'use'; readonly version: string } | { readonly op: 'rollback' },
  ): Promise<Answer> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      if (this.#socket?.readyState !== WebSocket.OPEN) {
        resolve({ op: 'answer', id, ok: false, message: 'there is no connection to the server' });
        return;
      }
      this.#waiting.set(id, resolve);
      this.send({ ...request, id });
    });
  }

  notice(text: string): void {
    const notices = [...this.#store.state.notices, { id: this.#nextNotice++, text }];
    this.#store.set({ notices: notices.slice(-MOST_NOTICES) });
  }

  dismiss(id: number): void {
    this.#store.set({ notices: this.#store.state.notices.filter((notice) => notice.id !== id) });
  }

  #tellShown(): void {
    this.send({ op: 'show', panels: document.hidden ? [] : [...this.#shown] });
  }

  #told(message: ToPage): void {
    const { state } = this.#store;
    switch (message.op) {
      case 'hello':
        if (state.hello !== undefined && state.hello.sessionId !== message.sessionId) {
          this.#frames.clear();
          this.#store.set({ statuses: [], models: undefined, adaptation: undefined });
        }
        this.#store.set({ hello: message, playback: message.playback });
        document.title = `${message.name} - rxdepth`;
        break;
      case 'panels':
        this.#store.set({
          panels: new Set(message.panels.map(({ panel }) => panel)),
          topics: new Map(message.panels.map(({ panel, topics }) => [panel, topics])),
          classes: message.classes,
        });
        break;
      case 'playback':
        this.#store.set({ playback: message.playback });
        break;
      case 'status': {
        const timeS = secondsOf(message.timeNs);
        // Played again from an earlier time: what was drawn after it goes.
        const before = state.statuses.filter((point) => point.timeS < timeS);
        this.#store.set({
          statuses: [...before.slice(1 - MOST_STATUSES), { timeS, status: message.status }],
        });
        break;
      }
      case 'models':
        this.#store.set({ models: message });
        break;
      case 'adaptation':
        this.#store.set({ adaptation: message });
        break;
      case 'runs':
        this.#store.set({ runs: message.runs });
        break;
      case 'comparison':
        this.#store.set({ comparison: message });
        break;
      case 'troubles':
        this.#store.set({ troubles: message.texts });
        break;
      case 'notice':
        this.notice(message.text);
        break;
      case 'answer':
        this.#waiting.get(message.id)?.(message);
        this.#waiting.delete(message.id);
    }
  }

  async #framed(buffer: ArrayBuffer): Promise<void> {
    const { head, payload } = decodeFrame(buffer);
    const { panel, format } = head;
    try {
      const isFile = format === 'jpeg' || format === 'png';
      const blob = new Blob([payload as Uint8Array<ArrayBuffer>], { type: `image/${format}` });
      const bitmap = isFile ? await createImageBitmap(blob) : undefined;
      this.#frames.put(panel, { head, payload, ...(bitmap && { bitmap }) });
    } catch (error) {
      this.notice(`${head.topic}: a frame cannot be drawn: ${(error as Error).message}`);
    }
    // After the next painting: a page that is not seen asks for nothing.
    requestAnimationFrame(() => this.send({ op: 'drawn', panel }));
  }
}
