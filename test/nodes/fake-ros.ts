import { Observable, Subject } from 'rxjs';
import { codecFor } from '../../msgs/codecs.js';
import { NodeError } from '../../nodes/errors.js';
import type { QosProfile } from '../../nodes/transport/ros2/qos.js';
import type { TopicEnd } from '../../nodes/transport/ros2/qos-overrides.js';
import type { Demand, RosEndpoint, RosNode } from '../../nodes/transport/ros2/ros-node.js';
import type { InputMessage, OutputMessage, OutputTopic } from '../../nodes/transport/transport.js';

/** A ROS graph of one node, in memory, with a clock that stands still. */
export class FakeRos implements RosNode {
  readonly name = '/test/perception';
  readonly said: string[] = [];
  readonly log = {
    info: (text: string) => void this.said.push(`info ${text}`),
    warn: (text: string) => void this.said.push(`warn ${text}`),
    error: (text: string) => void this.said.push(`error ${text}`),
  };
  clockNs = 0n;
  count = 1;
  readonly overridden = new Map<string, QosProfile>();
  readonly publishers = new Map<string, RosEndpoint[]>();
  readonly subscribers = new Map<string, RosEndpoint[]>();
  readonly listeners = new Map<string, number>();
  readonly advertised = new Map<string, { readonly type: string; readonly qos?: QosProfile }>();
  /** Decoded, in the order of publishing. */
  readonly published: { readonly topic: string; readonly message: unknown }[] = [];
  readonly services = new Map<string, (request: unknown) => Promise<unknown>>();
  readonly calls: { readonly service: string; readonly request: unknown }[] = [];
  readonly subscribed = new Map<string, number>();
  /** Topics to which a subscription asked for what was sent before. */
  readonly durably = new Map<string, number>();
  readonly #inputs = new Map<string, Subject<InputMessage>>();
  readonly #kept = new Map<string, InputMessage>();

  nowNs(): bigint {
    return this.clockNs;
  }

  resolve(topic: string): string {
    return topic.startsWith('/') ? topic : `/test/${topic}`;
  }

  /**
   * Of what comes while there is no demand, the newest waits. A transient-local subscription hears those publishers of
   * `publishers` that offer it, the newest of what they sent before too, and nobody else.
   */
  messages<T>(topic: string, _type?: string, qos?: QosProfile, demand?: Demand): Observable<InputMessage<T>> {
    return new Observable((subscriber) => {
      const durable = qos?.durability === 'transient_local';
      const counted = durable ? this.durably : this.subscribed;
      const count = (change: number) => counted.set(topic, (counted.get(topic) ?? 0) + change);
      count(1);
      subscriber.add(() => count(-1));
      const latched = () =>
        topic === '/tf_static' ||
        this.publishersOf(topic).some((endpoint) => endpoint.qos.durability === 'transient_local');
      if (durable && !latched()) return;
      const kept = this.#kept.get(topic);
      if (durable && kept !== undefined) subscriber.next(kept as InputMessage<T>);
      let waiting: InputMessage | undefined;
      const take = () => {
        if (demand?.open === false) demand.onRoom(take);
        else if (waiting !== undefined) {
          const message = waiting;
          waiting = undefined;
          subscriber.next(message as InputMessage<T>);
        }
      };
      subscriber.add(
        this.#input(topic).subscribe((message) => {
          const held = waiting !== undefined;
          waiting = message;
          if (!held) take();
        }),
      );
    });
  }

  /** A message arrives from outside. */
  receive(message: InputMessage): void {
    this.#kept.set(message.topic, message);
    this.#input(message.topic).next(message);
  }

  publishersOf(topic: string): readonly RosEndpoint[] {
    return this.publishers.get(topic) ?? [];
  }

  subscribersOf(topic: string): readonly RosEndpoint[] {
    return this.subscribers.get(topic) ?? [];
  }

  async advertise(topic: OutputTopic): Promise<void> {
    this.announce(topic);
  }

  announce(topic: Pick<OutputTopic, 'topic' | 'type' | 'latched'>, qos?: QosProfile): void {
    this.advertised.set(topic.topic, { ...topic, ...(qos && { qos }) });
  }

  effectiveQos(_end: TopicEnd, topic: string, qos: QosProfile): QosProfile {
    return this.overridden.get(topic) ?? qos;
  }

  withdraw(topic: string): void {
    this.advertised.delete(topic);
  }

  listenersOf(topic: string): number {
    return this.advertised.has(topic) ? (this.listeners.get(topic) ?? 0) : 0;
  }

  async publish({ topic, cdr }: OutputMessage): Promise<void> {
    const type = this.advertised.get(topic)?.type;
    if (type === undefined) throw new NodeError(`topic \`${topic}\` was not advertised`);
    // The node may use the memory again.
    this.published.push({ topic, message: codecFor(type)?.decode(cdr.slice()) });
  }

  /** What was published on a topic. */
  on<T>(topic: string): T[] {
    return this.published.filter((one) => one.topic === topic).map(({ message }) => message as T);
  }

  serve<Request, Response>(
    service: string,
    _type: string,
    answer: (request: Request) => Promise<Response>,
  ): void {
    this.services.set(service, answer as (request: unknown) => Promise<unknown>);
  }

  async request<T>(service: string, request: unknown): Promise<T> {
    const answer = this.services.get(service);
    if (answer === undefined) throw new Error(`no service ${service}`);
    return (await answer(request)) as T;
  }

  async call<Response>(service: string, _type: string, request: unknown): Promise<Response> {
    this.calls.push({ service, request });
    return { success: true, message: 'loaded' } as Response;
  }

  namesakes(): number {
    return this.count;
  }

  async close(): Promise<void> {}

  #input(topic: string): Subject<InputMessage> {
    const known = this.#inputs.get(topic);
    if (known !== undefined) return known;
    const made = new Subject<InputMessage>();
    this.#inputs.set(topic, made);
    return made;
  }
}

/** How long anything may take on a busy machine, milliseconds. */
const PATIENCE_MS = 300_000;

/** Waits until something holds. */
export async function eventually(holds: () => boolean): Promise<void> {
  const startMs = performance.now();
  while (!holds()) {
    if (performance.now() - startMs > PATIENCE_MS) throw new Error(`it never came to be: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
