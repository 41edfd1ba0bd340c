import { type Observable, tap } from 'rxjs';
import { codecFor } from '../../../msgs/codecs.js';
import { type Image, imageCodec } from '../../../msgs/image.js';
import { VIDEO_TYPES } from '../../../msgs/video/video-packet.js';
import type { QosProfile } from '../../transport/ros2/qos.js';
import type { TopicEnd } from '../../transport/ros2/qos-overrides.js';
import type { Demand, RosEndpoint, RosLog, RosNode } from '../../transport/ros2/ros-node.js';
import type { InputMessage, OutputMessage, OutputTopic } from '../../transport/transport.js';
import { aboutBytes } from '../../viewer/server/about-bytes.js';
import { decodedTopic } from '../../viewer/server/decoded-topic.js';
import type { ViewHub } from '../../viewer/server/view-hub.js';
import type { LazyMessage } from '../../viewer/server/view-message.js';

/**
 * A node of a ROS graph that others look at beside the graph. What it publishes goes to the hub too, and so does what it receives,
 * as it is received. A viewer who looks counts as a subscriber. The hub waits for nobody, so the node does not either.
 */
export class WatchedRos implements RosNode {
  readonly name: string;
  readonly log: RosLog;
  readonly #ros: RosNode;
  readonly #hub: ViewHub;
  /** By the name that the node uses: the full one. */
  readonly #names = new Map<string, string>();
  /** Full names of what it receives. */
  readonly #inputs = new Set<string>();
  readonly #latched = new Set<string>();

  constructor(ros: RosNode, hub: ViewHub) {
    this.#ros = ros;
    this.#hub = hub;
    this.name = ros.name;
    this.log = ros.log;
  }

  nowNs(): bigint {
    return this.#ros.nowNs();
  }

  resolve(topic: string): string {
    return this.#ros.resolve(topic);
  }

  messages<T>(topic: string, type: string, qos: QosProfile, demand?: Demand): Observable<InputMessage<T>> {
    const message$ = this.#ros.messages<T>(topic, type, qos, demand);
    const codec = codecFor(type);
    if (codec === undefined) return message$;
    const name = this.#full(topic);
    const latched = qos.durability === 'transient_local';
    this.#receives({ topic: name, type, definition: codec.definition, latched });
    if (VIDEO_TYPES[type] !== undefined) {
      const { type: picture, definition } = imageCodec;
      this.#receives({ topic: decodedTopic(name), type: picture, definition });
    }
    return message$.pipe(
      tap(({ message, logTimeNs }) => {
        if (latched || this.#hub.listenersOf(name) > 0)
          this.#show({
            ...{ topic: name, logTimeNs, byteLength: aboutBytes(message) },
            make: () => codec.encode(message),
          });
      }),
    );
  }

  decoded(topic: string, { message, logTimeNs }: InputMessage<Image>): void {
    const name = decodedTopic(this.#full(topic));
    if (this.#hub.listenersOf(name) > 0)
      this.#show({
        ...{ topic: name, logTimeNs, byteLength: message.data.length },
        make: () => imageCodec.encode(message),
      });
  }

  publishersOf(topic: string): readonly RosEndpoint[] {
    return this.#ros.publishersOf(topic);
  }

  subscribersOf(topic: string): readonly RosEndpoint[] {
    return this.#ros.subscribersOf(topic);
  }

  async advertise(topic: OutputTopic): Promise<void> {
    this.announce(topic);
  }

  announce(output: Pick<OutputTopic, 'topic' | 'type' | 'latched'>, qos?: QosProfile): void {
    this.#ros.announce(output, qos);
    const { topic, type, latched = false } = output;
    const definition = codecFor(type)?.definition;
    if (definition === undefined) return;
    if (latched) this.#latched.add(topic);
    void this.#hub.advertise({ topic: this.#full(topic), type, definition, latched });
  }

  effectiveQos(end: TopicEnd, topic: string, qos: QosProfile): QosProfile {
    return this.#ros.effectiveQos(end, topic, qos);
  }

  withdraw(topic: string): void {
    this.#ros.withdraw(topic);
    this.#latched.delete(topic);
    this.#hub.withdraw(this.#full(topic));
  }

  /** What was received is received no more: the node is not configured. */
  forgetInputs(): void {
    for (const name of this.#inputs) this.#hub.withdraw(name);
    this.#inputs.clear();
  }

  listenersOf(topic: string): number {
    const name = this.#full(topic);
    const here = this.#hub.listenersOf(name) + this.#hub.listenersOf(decodedTopic(name));
    return this.#ros.listenersOf(topic) + here;
  }

  async publish(message: OutputMessage): Promise<void> {
    const { topic } = message;
    this.#show({ ...message, topic: this.#full(topic) });
    // Sending a large message costs milliseconds, also where nobody is subscribed.
    if (this.#latched.has(topic) || this.#ros.listenersOf(topic) > 0) await this.#ros.publish(message);
  }

  serve<Request, Response>(
    service: string,
    type: string,
    answer: (request: Request) => Promise<Response>,
  ): void {
    this.#ros.serve(service, type, answer);
  }

  async call<Response>(
    service: string,
    type: string,
    request: unknown,
    timeoutMs: number,
  ): Promise<Response> {
    return await this.#ros.call<Response>(service, type, request, timeoutMs);
  }

  namesakes(): number {
    return this.#ros.namesakes();
  }

  async close(): Promise<void> {
    await this.#ros.close();
  }

  #receives(topic: OutputTopic): void {
    if (this.#inputs.has(topic.topic)) return;
    this.#inputs.add(topic.topic);
    void this.#hub.advertise(topic);
  }

  /** Names are asked for every frame. */
  #full(topic: string): string {
    const known = this.#names.get(topic);
    if (known !== undefined) return known;
    const name = this.#ros.resolve(topic);
    this.#names.set(topic, name);
    return name;
  }

  /** Whatever is wrong with what is shown never reaches the node. */
  #show(message: OutputMessage | LazyMessage): void {
    const { topic } = message;
    if (!this.#hub.serves(topic)) return;
    this.#hub
      .publish(message)
      .catch((error: Error) => this.#ros.log.error(`${topic} cannot be shown: ${error.message}`));
  }
}
