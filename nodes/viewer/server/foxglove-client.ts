import { Subscription } from 'rxjs';
import {
  advertiseMessage,
  FOXGLOVE_PROTOCOLS,
  messageDataHead,
  playbackStateMessage,
  STATUS_LEVEL,
  serverInfoMessage,
  statusMessage,
  timeMessage,
  unadvertiseMessage,
} from '../../transport/foxglove/foxglove-messages.js';
import {
  type FoxgloveRequest,
  parseFoxgloveBytes,
  parseFoxgloveText,
} from '../../transport/foxglove/foxglove-requests.js';
import type { Playback } from '../playback/playback.js';
import type { SendQueue } from './send-queue.js';
import type { ViewHub, ViewListener } from './view-hub.js';
import type { ViewChannel, ViewMessage } from './view-message.js';
import type { ViewPace } from './view-pace.js';

export interface FoxgloveClientOptions {
  readonly hub: ViewHub;
  readonly queue: SendQueue;
  readonly pace: Pick<ViewPace, 'pass'>;
  /** What is shown, for people. */
  readonly name: string;
  readonly sessionId: string;
  /** The name that both sides agreed on. */
  readonly protocol: string;
  /** Playback of a recording; absent for a live source. */
  readonly playback?: Playback;
}

/** A bag has some topics, a client needs one subscription each. */
const MOST_SUBSCRIPTIONS = 1000;

/**
 * A client that speaks the Foxglove WebSocket protocol, under either of its names. The older one has no playback control: its
 * clients take an opcode that they do not know for an error.
 */
export class FoxgloveClient implements ViewListener {
  readonly #options: FoxgloveClientOptions;
  /** Undefined where the client cannot control it. */
  readonly #controlled: Playback | undefined;
  readonly #topics = new Map<number, string>();
  /** By topic: the subscription's id. */
  readonly #subscriptions = new Map<string, number>();
  readonly #ending = new Subscription();

  constructor(options: FoxgloveClientOptions) {
    this.#options = options;
    const { hub, queue, name, sessionId, protocol, playback } = options;
    this.#controlled = protocol === FOXGLOVE_PROTOCOLS[0] ? playback : undefined;
    const controlled = this.#controlled;
    queue.send(
      serverInfoMessage({
        ...{ name, sessionId },
        capabilities: [...(playback ? ['time'] : []), ...(controlled ? ['playbackControl'] : [])],
        ...(controlled && { range: { startNs: controlled.startNs, endNs: controlled.endNs } }),
      }),
    );
    // The protocol promises one advertise at least.
    if (hub.channels.length === 0) queue.send(advertiseMessage([]));
    this.#ending.add(hub.add(this));
    if (playback === undefined) return;
    this.#ending.add(playback.time$.subscribe((ns) => queue.offer('time', [timeMessage(ns)])));
    if (controlled === undefined) return;
    const sendState = (didSeek: boolean, requestId: string) =>
      queue.send(playbackStateMessage({ ...controlled.state, didSeek, requestId }));
    sendState(false, '');
    this.#ending.add(controlled.change$.subscribe(({ didSeek, requestId }) => sendState(didSeek, requestId)));
  }

  wants(topic: string): boolean {
    return this.#subscriptions.has(topic);
  }

  deliver(message: ViewMessage): void {
    this.#options.pace.pass(message, (passed) => this.#forward(passed));
  }

  #forward(message: ViewMessage): void {
    const { channel, logTimeNs } = message;
    const id = this.#subscriptions.get(channel.topic);
    if (id === undefined) return;
    let cdr: Uint8Array;
    try {
      cdr = message.copy();
    } catch (error) {
      this.#complain(STATUS_LEVEL.error, `${channel.topic} cannot be shown: ${(error as Error).message}`);
      return;
    }
    this.#options.queue.offer(channel.topic, [messageDataHead(id, logTimeNs), cdr]);
  }

  channelsAdded(channels: readonly ViewChannel[]): void {
    for (const { id, topic } of channels) this.#topics.set(id, topic);
    this.#options.queue.send(advertiseMessage(channels));
  }

  channelsRemoved(channels: readonly ViewChannel[]): void {
    for (const { id, topic } of channels) {
      this.#topics.delete(id);
      this.#subscriptions.delete(topic);
      this.#options.queue.forget(topic);
    }
    this.#options.queue.send(unadvertiseMessage(channels.map(({ id }) => id)));
  }

  /** A message of the client. */
  received(data: Buffer, isBinary: boolean): void {
    try {
      this.#answer(isBinary ? parseFoxgloveBytes(data) : parseFoxgloveText(data.toString('utf8')));
    } catch (error) {
      this.#complain(STATUS_LEVEL.error, (error as Error).message);
    }
  }

  end(): void {
    this.#subscriptions.clear();
    this.#ending.unsubscribe();
  }

  #answer(request: FoxgloveRequest): void {
    switch (request.op) {
      case 'subscribe':
        this.#subscribe(request.subscriptions);
        break;
      case 'unsubscribe':
        this.#unsubscribe(new Set(request.subscriptionIds));
        break;
      case 'playback': {
        const { play, speed, seekNs, requestId } = request;
        if (this.#options.playback === undefined)
          this.#complain(STATUS_LEVEL.warning, 'nothing is played here: what comes is live');
        else if (this.#controlled === undefined)
          this.#complain(STATUS_LEVEL.warning, `playback control is part of ${FOXGLOVE_PROTOCOLS[0]} alone`);
        else this.#controlled.control({ play, speed, requestId, ...(seekNs !== undefined && { seekNs }) });
        break;
      }
      case 'other':
        this.#complain(STATUS_LEVEL.warning, `\`${request.name}\` is not offered by this server`);
    }
  }

  #subscribe(subscriptions: readonly { id: number; channelId: number }[]): void {
    const added: string[] = [];
    for (const { id, channelId } of subscriptions) {
      const topic = this.#topics.get(channelId);
      if (topic === undefined) {
        this.#complain(STATUS_LEVEL.warning, `there is no channel ${channelId}`);
      } else if (this.#subscriptions.has(topic)) {
        this.#complain(STATUS_LEVEL.warning, `channel ${channelId} (${topic}) is subscribed to already`);
      } else if ([...this.#subscriptions.values()].includes(id)) {
        this.#complain(STATUS_LEVEL.warning, `subscription id ${id} is used already`);
      } else if (this.#subscriptions.size >= MOST_SUBSCRIPTIONS) {
        this.#complain(STATUS_LEVEL.error, `no more than ${MOST_SUBSCRIPTIONS} subscriptions a client`);
        break;
      } else {
        this.#subscriptions.set(topic, id);
        added.push(topic);
      }
    }
    this.#options.hub.demandAdded(this, added);
  }

  #unsubscribe(ids: ReadonlySet<number>): void {
    for (const [topic, id] of this.#subscriptions) {
      if (!ids.has(id)) continue;
      this.#subscriptions.delete(topic);
      this.#options.queue.forget(topic);
    }
  }

  #complain(level: number, text: string): void {
    this.#options.queue.send(statusMessage(level, text));
  }
}
