import { Subscription } from 'rxjs';
import { adaptationStatusCodec } from '../../../msgs/adaptation-status.js';
import { diagnosticArrayCodec } from '../../../msgs/diagnostic-array.js';
import { perceptionStatusCodec } from '../../../msgs/perception-status.js';
import { NodeError } from '../../errors.js';
import { encodeFrameHead, type PanelName, type ToPage } from '../page-protocol.js';
import type { Playback, PlaybackState } from '../playback/playback.js';
import { NewestTexts } from './newest-texts.js';
import { parsePageRequest } from './page-requests.js';
import { adaptationOf, statusOf, troublesOf } from './page-status.js';
import { type PanelTopics, panelTopics } from './panel-topics.js';
import type { Previews } from './previews.js';
import type { SendQueue } from './send-queue.js';
import type { ViewHub, ViewListener } from './view-hub.js';
import type { ViewMessage } from './view-message.js';
import type { ViewPace } from './view-pace.js';
import type { ViewSubject } from './view-subject.js';

export interface PageClientOptions {
  readonly hub: ViewHub;
  readonly subject: ViewSubject;
  readonly queue: SendQueue;
  readonly previews: Previews;
  readonly pace: Pick<ViewPace, 'pass' | 'scarce'>;
  readonly sessionId: string;
  /** Whether it may change the model. */
  readonly mayChange: boolean;
}

/** What a panel of this client waits for. */
interface PanelState {
  /** performance.now() at which a frame was sent that is not drawn yet. */
  sentMs: number | undefined;
  /** The newest frame that came meanwhile. */
  next: readonly Uint8Array[] | undefined;
}

/** A page that has drawn nothing for so long wants nothing any more, until it draws: its outputs need not be computed. */
const STALLED_MS = 5000;
/** Answers that take the disk or the model, at most so many at once for a client. */
const MOST_ANSWERS = 4;
/** Least time between two texts about how things stand, milliseconds. */
const TEXT_PERIOD_MS = 50;
/** The same, while what viewers take is missing elsewhere. */
const SCARCE_TEXT_PERIOD_MS = 1000;

/**
 * A page: gets previews of the panels that it shows, one at a time of each; the next when it has drawn that. What comes in
 * between is left out but for the newest.
 */
export class PageClient implements ViewListener {
  readonly #options: PageClientOptions;
  readonly #shown = new Map<PanelName, PanelState>();
  readonly #ending = new Subscription();
  readonly #texted: NewestTexts;
  #topics: PanelTopics = new Map();
  /** By topic: the panels that show it. */
  #panelsOf = new Map<string, PanelName>();
  /** Topics that are told as texts. */
  #texts = new Set<string>();
  #troubles = '';
  #answering = 0;

  constructor(options: PageClientOptions) {
    this.#options = options;
    const { hub, subject, queue, pace, mayChange, sessionId } = options;
    this.#texted = new NewestTexts(
      (text) => queue.send(text),
      () => (pace.scarce ? SCARCE_TEXT_PERIOD_MS : TEXT_PERIOD_MS),
    );
    const { kind, name, playback, models } = subject;
    this.#send({
      ...{ op: 'hello', sessionId, kind, name, mayChange },
      ...(playback && {
        range: { startNs: String(playback.startNs), endNs: String(playback.endNs) },
        playback: wire(playback.state),
      }),
    });
    this.#ending.add(hub.add(this));
    this.#announce();
    this.#ending.add(subject.change$.subscribe(() => this.#announce()));
    this.#ending.add(subject.notice$.subscribe((text) => this.#send({ op: 'notice', text })));
    if (playback !== undefined) this.#follow(playback);
    if (models === undefined) return;
    const tell = () => {
      models.list().then(
        (list) => this.#send(list),
        (error: Error) => this.#send({ op: 'notice', text: `the models cannot be listed: ${error.message}` }),
      );
    };
    tell();
    this.#ending.add(models.change$.subscribe(tell));
  }

  wants(topic: string): boolean {
    if (this.#texts.has(topic)) return true;
    const panel = this.#panelsOf.get(topic);
    const state = panel && this.#shown.get(panel);
    if (state === undefined) return false;
    return state.sentMs === undefined || performance.now() - state.sentMs < STALLED_MS;
  }

  deliver(message: ViewMessage): void {
    const { topic } = message.channel;
    if (this.#texts.has(topic)) this.#tell(message);
    const panel = this.#panelsOf.get(topic);
    if (panel !== undefined && this.#shown.has(panel))
      this.#options.pace.pass(message, (passed) => this.#preview(passed));
  }

  #preview(message: ViewMessage): void {
    const { topic } = message.channel;
    // Asked again: the message may have waited.
    const panel = this.#panelsOf.get(topic);
    if (panel === undefined || !this.#shown.has(panel)) return;
    this.#options.previews.of(panel, message, (preview) => {
      if (preview === undefined) return;
      const { head, payload } = preview;
      const heldMs = performance.now() - message.publishedMs;
      const timeNs = String(message.logTimeNs);
      this.#offer(panel, [encodeFrameHead({ ...head, panel, topic, timeNs, heldMs }), payload]);
    });
  }

  channelsAdded(): void {
    this.#announce();
  }

  channelsRemoved(): void {
    this.#announce();
  }

  /** A message of the page. */
  received(data: Buffer, isBinary: boolean): void {
    try {
      if (isBinary) return;
      const request = parsePageRequest(data.toString('utf8'));
      switch (request.op) {
        case 'show':
          this.#show(request.panels);
          break;
        case 'drawn':
          this.#drawn(request.panel);
          break;
        case 'playback': {
          const { op: _, seekNs, ...command } = request;
          this.#options.subject.playback?.control({
            ...command,
            ...(seekNs !== undefined && { seekNs: BigInt(seekNs) }),
          });
          break;
        }
        case 'runs':
          this.#answer((runs) => runs.list());
          break;
        case 'comparison':
          this.#answer((runs) => runs.comparison(request.run, request.index));
          break;
        case 'use':
          this.#change(request.id, (models) => models.use(request.version));
          break;
        case 'rollback':
          this.#change(request.id, (models) => models.rollback());
      }
    } catch (error) {
      this.#send({ op: 'notice', text: (error as Error).message });
    }
  }

  end(): void {
    this.#shown.clear();
    this.#texted.end();
    this.#ending.unsubscribe();
  }

  #show(panels: readonly PanelName[]): void {
    for (const panel of this.#shown.keys()) if (!panels.includes(panel)) this.#shown.delete(panel);
    const added = panels.filter((panel) => !this.#shown.has(panel));
    for (const panel of added) this.#shown.set(panel, { sentMs: undefined, next: undefined });
    const topics = added.flatMap((panel) => this.#topics.get(panel) ?? []);
    this.#options.hub.demandAdded(this, topics);
  }

  #offer(panel: PanelName, parts: readonly Uint8Array[]): void {
    const state = this.#shown.get(panel);
    if (state === undefined) return;
    if (state.sentMs !== undefined) {
      state.next = parts;
      return;
    }
    state.sentMs = performance.now();
    this.#options.queue.offer(panel, parts);
  }

  #drawn(panel: PanelName): void {
    const state = this.#shown.get(panel);
    if (state === undefined) return;
    const { next } = state;
    const stalled = state.sentMs !== undefined && performance.now() - state.sentMs >= STALLED_MS;
    state.sentMs = undefined;
    state.next = undefined;
    if (next !== undefined) this.#offer(panel, next);
    // While it drew nothing it wanted nothing: what came then is newer than `next`.
    if (stalled) this.#options.hub.demandAdded(this, this.#topics.get(panel) ?? []);
  }

  #announce(): void {
    const { hub, subject } = this.#options;
    const before = this.#panelsOf;
    this.#topics = panelTopics(hub.channels, subject.camera());
    this.#panelsOf = new Map();
    for (const [panel, topics] of this.#topics) for (const topic of topics) this.#panelsOf.set(topic, panel);
    const told = [perceptionStatusCodec.type, adaptationStatusCodec.type];
    if (subject.node?.() !== undefined) told.push(diagnosticArrayCodec.type);
    const texts = hub.channels.filter(({ type }) => told.includes(type));
    this.#texts = new Set(texts.map(({ topic }) => topic));
    this.#send({
      op: 'panels',
      panels: [...this.#topics].map(([panel, topics]) => ({ panel, topics })),
      classes: subject.classes(),
    });
    const added = [...this.#panelsOf].filter(
      ([topic, panel]) => this.#shown.has(panel) && !before.has(topic),
    );
    hub.demandAdded(this, [...added.map(([topic]) => topic), ...this.#texts]);
  }

  #tell(message: ViewMessage): void {
    const { channel, logTimeNs } = message;
    const { topic, type } = channel;
    try {
      if (type === diagnosticArrayCodec.type) this.#tellTroubles(message.cdr);
      else {
        // Made now: later the bytes are gone.
        const text = message.once('text', () => JSON.stringify(textOf(type, message.cdr, logTimeNs)));
        this.#texted.offer(topic, () => text);
      }
    } catch (error) {
      this.#send({ op: 'notice', text: `${channel.topic}: ${(error as Error).message}` });
    }
  }

  #tellTroubles(cdr: Uint8Array): void {
    const node = this.#options.subject.node?.();
    const texts = node === undefined ? undefined : troublesOf(diagnosticArrayCodec.decode(cdr), node);
    if (texts === undefined || JSON.stringify(texts) === this.#troubles) return;
    this.#troubles = JSON.stringify(texts);
    this.#send({ op: 'troubles', texts });
  }

  #follow(playback: Playback): void {
    const tell = (): ToPage => ({ op: 'playback', playback: wire(playback.state) });
    this.#ending.add(
      playback.change$.subscribe(() => {
        this.#texted.forget('playback');
        this.#send(tell());
      }),
    );
    this.#ending.add(
      playback.time$.subscribe(() => this.#texted.offer('playback', () => JSON.stringify(tell()))),
    );
  }

  #answer(ask: (runs: NonNullable<ViewSubject['adaptations']>) => Promise<ToPage>): void {
    const { adaptations } = this.#options.subject;
    if (adaptations === undefined) this.#send({ op: 'runs', runs: [] });
    else
      this.#bounded(() => ask(adaptations)).then(
        (message) => this.#send(message),
        (error: Error) => this.#send({ op: 'notice', text: error.message }),
      );
  }

  /** @throws NodeError when the client asks for more before it has what it asked for. */
  async #bounded<T>(work: () => Promise<T>): Promise<T> {
    if (this.#answering >= MOST_ANSWERS)
      throw new NodeError(`no more than ${MOST_ANSWERS} requests at once; ask again later`);
    this.#answering += 1;
    try {
      return await work();
    } finally {
      this.#answering -= 1;
    }
  }

  #change(id: number, work: (models: NonNullable<ViewSubject['models']>) => Promise<string>): void {
    const { subject, mayChange } = this.#options;
    const answer = (ok: boolean, message: string) => this.#send({ op: 'answer', id, ok, message });
    const { models } = subject;
    if (models === undefined) answer(false, 'no model runs here');
    else if (!mayChange) answer(false, 'changes need the token: open the address that was printed');
    else
      this.#bounded(() => work(models)).then(
        (message) => answer(true, message),
        (error: Error) => answer(false, error.message),
      );
  }

  #send(message: ToPage): void {
    this.#options.queue.send(JSON.stringify(message));
  }
}

/** A status as the page gets it. @throws MessageError when it is damaged */
function textOf(type: string, cdr: Uint8Array, logTimeNs: bigint): ToPage {
  if (type === perceptionStatusCodec.type)
    return { op: 'status', timeNs: String(logTimeNs), status: statusOf(perceptionStatusCodec.decode(cdr)) };
  return { op: 'adaptation', ...adaptationOf(adaptationStatusCodec.decode(cdr)) };
}

function wire({ status, timeNs, speed }: PlaybackState): {
  status: PlaybackState['status'];
  timeNs: string;
  speed: number;
} {
  return { status, timeNs: String(timeNs), speed };
}
