import { type Observable, Subject } from 'rxjs';
import { adaptationStatusCodec } from '../../../msgs/adaptation-status.js';
import { perceptionStatusCodec } from '../../../msgs/perception-status.js';
import { NodeError } from '../../errors.js';
import type { OutputMessage, OutputTopic, Sink } from '../../transport/transport.js';
import { type LazyMessage, type ViewChannel, ViewMessage } from './view-message.js';

/** Messages of these types tell how things stand: who comes later gets the last one, latched or not. */
const KEPT_TYPES: readonly string[] = [perceptionStatusCodec.type, adaptationStatusCodec.type];

/** A client as the hub sees it. Nothing here may wait: whoever is slow leaves messages out. */
export interface ViewListener {
  wants(topic: string): boolean;
  deliver(message: ViewMessage): void;
  channelsAdded(channels: readonly ViewChannel[]): void;
  channelsRemoved(channels: readonly ViewChannel[]): void;
}

/** Hands what is published to the clients that want it. What nobody wants costs nothing, not even a copy. */
export class ViewHub implements Sink {
  readonly #channels = new Map<string, ViewChannel>();
  readonly #listeners = new Set<ViewListener>();
  readonly #latched = new Map<string, ViewMessage>();
  readonly #demand$ = new Subject<void>();
  #nextId = 1;

  get channels(): readonly ViewChannel[] {
    return [...this.#channels.values()];
  }

  /** Emits when somebody wants something more than before. */
  get demand$(): Observable<void> {
    return this.#demand$;
  }

  async advertise({ topic, type, definition, latched = false }: OutputTopic): Promise<void> {
    const old = this.#channels.get(topic);
    if (old?.type === type && old.definition === definition) return;
    if (old !== undefined) this.withdraw(topic);
    const channel: ViewChannel = {
      ...{ id: this.#nextId++, topic, type, definition },
      latched: latched || KEPT_TYPES.includes(type),
    };
    this.#channels.set(topic, channel);
    for (const listener of this.#listeners) listener.channelsAdded([channel]);
  }

  withdraw(topic: string): void {
    const channel = this.#channels.get(topic);
    if (channel === undefined) return;
    this.#channels.delete(topic);
    this.#latched.delete(topic);
    for (const listener of this.#listeners) listener.channelsRemoved([channel]);
  }

  /** Whether a topic is announced. */
  serves(topic: string): boolean {
    return this.#channels.has(topic);
  }

  /** How many look at a topic. */
  listenersOf(topic: string): number {
    let count = 0;
    for (const listener of this.#listeners) if (listener.wants(topic)) count += 1;
    return count;
  }

  /** Resolved at once: no client is waited for. */
  async publish(published: OutputMessage | LazyMessage): Promise<void> {
    const { topic } = published;
    const channel = this.#channels.get(topic);
    if (channel === undefined) throw new NodeError(`topic \`${topic}\` was not advertised`);
    const message = new ViewMessage(channel, published);
    if (channel.latched) {
      message.copy();
      this.#latched.set(topic, message);
    }
    for (const listener of this.#listeners) if (listener.wants(topic)) listener.deliver(message);
  }

  /** Begins to serve a client; returns what ends that. */
  add(listener: ViewListener): () => void {
    this.#listeners.add(listener);
    if (this.#channels.size > 0) listener.channelsAdded(this.channels);
    return () => this.#listeners.delete(listener);
  }

  /** A listener wants `added` from now on, and gets their latched messages. */
  demandAdded(listener: ViewListener, added: readonly string[]): void {
    for (const topic of added) {
      const latched = this.#latched.get(topic);
      if (latched !== undefined && listener.wants(topic)) listener.deliver(latched);
    }
    if (added.length > 0) this.#demand$.next();
  }

  async close(): Promise<void> {
    this.#demand$.complete();
  }
}
