import { Observable } from 'rxjs';
import type { Header } from '../../../msgs/header.js';
import { stampToNs } from '../../../msgs/stamp.js';
import { NodeError } from '../../errors.js';
import type { InputMessage, OutputMessage, OutputTopic } from '../transport.js';
import { HeldSubscription } from './held-subscription.js';
import { LATCHED, type QosProfile, RELIABLE } from './qos.js';
import { QosOverrides, type TopicEnd } from './qos-overrides.js';
import type { RclEndpoint, Rclnodejs, RclPlainNode, RclPublisher } from './rclnodejs.js';
import type { Demand, RosEndpoint, RosLog, RosNode } from './ros-node.js';

/** rmw's numbers. */
const KEEP_LAST = 1;
const RELIABILITY = { reliable: 1, best_effort: 2 } as const;
const DURABILITY = { transient_local: 1, volatile: 2 } as const;

/** Source: rcl_interfaces/ParameterType. */
const BOOL = 1;

/** Messages from this size on take milliseconds to be sent, bytes. */
const LARGE = 1 << 20;

/** How long it may take on a busy machine until DDS has found a service, milliseconds. */
const DISCOVERY_MS = 10_000;
const POLL_MS = 50;

const CLOCK = 'rosgraph_msgs/msg/Clock';
const CLOCK_QOS: QosProfile = { reliability: 'best_effort', durability: 'volatile', depth: 1 };

/**
 * A rclnodejs lifecycle node as a RosNode. Messages are received decoded (their bytes are adopted, not copied) and sent as
 * CDR bytes: the fast way for each. Nothing that is called back may throw: rclnodejs would abort the process.
 */
export class RclNode implements RosNode {
  readonly name: string;
  readonly log: RosLog;
  readonly #rcl: Rclnodejs;
  readonly #node: RclPlainNode;
  readonly #overrides: QosOverrides;
  readonly #announced = new Map<string, RclPublisher>();
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(rcl: Rclnodejs, node: RclPlainNode, overrides = new QosOverrides(new Map())) {
    this.#overrides = overrides;
    this.#rcl = rcl;
    this.#node = node;
    this.name = node.getFullyQualifiedName();
    this.log = node.getLogger();
    this.#followClock();
  }

  nowNs(): bigint {
    return this.#node.now().nanoseconds;
  }

  resolve(topic: string): string {
    return this.#node.resolveTopicName(topic);
  }

  messages<T>(topic: string, type: string, qos: QosProfile, demand?: Demand): Observable<InputMessage<T>> {
    return new Observable((subscriber) => {
      const name = this.resolve(topic);
      let held: HeldSubscription | undefined;
      const receive = (message: unknown) => {
        const logTimeNs = this.nowNs();
        const header = (message as { header?: Header }).header;
        const stampNs = header === undefined ? logTimeNs : stampToNs(header.stamp);
        subscriber.next({ topic: name, type, stampNs, logTimeNs, message: message as T });
        held?.received();
      };
      const asked = this.#qos(this.effectiveQos('subscription', topic, qos));
      const subscription = withType(type, () =>
        this.#node.createSubscription(type, topic, { qos: asked }, this.#guard(receive)),
      );
      if (demand !== undefined) held = new HeldSubscription(this.#node, subscription, demand);
      subscriber.add(() => {
        if (this.#closed) return;
        held?.end();
        this.#node.destroySubscription(subscription);
      });
    });
  }

  publishersOf(topic: string): readonly RosEndpoint[] {
    return this.#node.getPublishersInfoByTopic(this.resolve(topic), false).map(endpointOf);
  }

  subscribersOf(topic: string): readonly RosEndpoint[] {
    return this.#node.getSubscriptionsInfoByTopic(this.resolve(topic), false).map(endpointOf);
  }

  /** Topics that a node of the graph is subscribed to now. @param node full name; one that is not there has none */
  subscriptionsOf(node: string): readonly { readonly topic: string; readonly type: string }[] {
    const [, namespace = '', name = ''] = /^(.*)\/([^/]+)$/.exec(node) ?? [];
    try {
      return this.#node
        .getSubscriptionNamesAndTypesByNode(name, namespace === '' ? '/' : namespace)
        .flatMap(({ name: topic, types }) => types.map((type) => ({ topic, type })));
    } catch {
      // rcl throws for a node that has just gone.
      return [];
    }
  }

  async advertise(topic: OutputTopic): Promise<void> {
    this.announce(topic);
  }

  announce(
    { topic, type, latched = false }: Pick<OutputTopic, 'topic' | 'type' | 'latched'>,
    qos: QosProfile = RELIABLE,
  ): void {
    if (this.#announced.has(topic)) return;
    const profile = this.#qos(this.effectiveQos('publisher', topic, latched ? LATCHED : qos));
    const publisher = withType(type, () => this.#node.createPublisher(type, topic, { qos: profile }));
    this.#announced.set(topic, publisher);
  }

  effectiveQos(end: TopicEnd, topic: string, qos: QosProfile): QosProfile {
    return this.#overrides.apply(end, this.resolve(topic), qos);
  }

  withdraw(topic: string): void {
    const publisher = this.#announced.get(topic);
    if (publisher === undefined) return;
    this.#announced.delete(topic);
    this.#node.destroyPublisher(publisher);
  }

  listenersOf(topic: string): number {
    return this.#announced.get(topic)?.subscriptionCount ?? 0;
  }

  async publish({ topic, cdr }: OutputMessage): Promise<void> {
    const publisher = this.#announced.get(topic);
    if (publisher === undefined) throw new NodeError(`topic \`${topic}\` was not advertised`, { topic });
    if (cdr.byteLength >= LARGE) await this.#nextTurn();
    if (this.#announced.get(topic) !== publisher) return; // withdrawn meanwhile
    publisher.publish(Buffer.from(cdr.buffer, cdr.byteOffset, cdr.byteLength));
  }

  /** Resolves in a turn of the event loop of its own: a frame's messages must not stall it together. */
  #nextTurn(): Promise<void> {
    this.#turn = this.#turn.then(() => new Promise((resolve) => setImmediate(resolve)));
    return this.#turn;
  }

  serve<Request, Response>(
    service: string,
    type: string,
    answer: (request: Request) => Promise<Response>,
  ): void {
    const receive = this.#guard((request: unknown, response: { send(response: unknown): void }) => {
      answer(request as Request)
        .then((result) => {
          if (!this.#closed) response.send(result);
        })
        .catch((error: unknown) => this.log.error(`${service}: ${messageOf(error)}`));
    });
    withType(type, () => this.#node.createService(type, service, receive));
  }

  async call<Response>(
    service: string,
    type: string,
    request: unknown,
    timeoutMs: number,
  ): Promise<Response> {
    const client = this.#node.createClient(type, service);
    let timer: NodeJS.Timeout | undefined;
    try {
      const endMs = performance.now() + Math.min(DISCOVERY_MS, timeoutMs);
      while (!client.isServiceServerAvailable()) {
        if (performance.now() > endMs || this.#closed)
          throw new NodeError(`nobody offers the service \`${service}\``);
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
      return await new Promise<Response>((resolve, reject) => {
        timer = setTimeout(
          () =>
            reject(new NodeError(`the service \`${service}\` did not answer within ${timeoutMs / 1000} s`)),
          timeoutMs,
        );
        client.sendRequest(request, (response) => resolve(response as Response));
      });
    } finally {
      clearTimeout(timer);
      if (!this.#closed) this.#node.destroyClient(client);
    }
  }

  namesakes(): number {
    return this.#node
      .getNodeNamesAndNamespaces()
      .filter(({ name, namespace }) => fullName(namespace, name) === this.name).length;
  }

  /** Takes `use_sim_time` from where rclnodejs does not look for it. */
  useSimTime(simulated: boolean): void {
    this.#node.setParameter(new this.#rcl.Parameter('use_sim_time', BOOL, simulated));
  }

  /**
   * rclnodejs stops by running the event loop within the call (`Executor::Stop`). There closed sockets are freed, and libuv
   * would go on with one in whose callback that happened. So it stops in a turn in which no callback of a stream is left.
   */
  async close(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.#closed) return;
    this.#closed = true;
    this.#announced.clear();
    this.#node.destroy();
    if (!this.#rcl.isShutdown()) this.#rcl.shutdown();
  }

  /** rclnodejs asks for a reliable /clock, which `ros2 bag play --clock` (best effort) does not offer. */
  #followClock(): void {
    const clock = this.#node.getClock();
    this.#node.createSubscription(
      CLOCK,
      '/clock',
      { qos: this.#qos(CLOCK_QOS) },
      this.#guard((message: unknown) => {
        if (!clock.isRosTimeActive) return;
        clock.rosTimeOverride = this.#rcl.Time.fromMsg(
          (message as { clock: { sec: number; nanosec: number } }).clock,
        );
      }),
    );
  }

  #qos({ depth, reliability, durability }: QosProfile): object {
    return new this.#rcl.QoS(KEEP_LAST, depth, RELIABILITY[reliability], DURABILITY[durability]);
  }

  #guard<Arguments extends unknown[]>(work: (...values: Arguments) => void): (...values: Arguments) => void {
    return (...values) => {
      try {
        if (!this.#closed) work(...values);
      } catch (error) {
        this.log.error(`a callback failed: ${error instanceof Error ? error.stack : String(error)}`);
      }
    };
  }
}

function endpointOf({ node_name, node_namespace, topic_type, qos_profile }: RclEndpoint): RosEndpoint {
  const { reliability, durability, depth } = qos_profile;
  return {
    node: fullName(node_namespace, node_name),
    type: topic_type,
    qos: {
      reliability: reliability === RELIABILITY.best_effort ? 'best_effort' : 'reliable',
      durability: durability === DURABILITY.transient_local ? 'transient_local' : 'volatile',
      depth,
    },
  };
}

function fullName(namespace: string, name: string): string {
  return `${namespace.replace(/\/$/, '')}/${name}`;
}

/** rclnodejs only says that a file is missing. */
function withType<T>(type: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const name = type.split('/')[0];
    throw new NodeError(
      `\`${type}\` cannot be used: is the package \`${name}\` installed and its workspace sourced ` +
        `(\`ros2 interface show ${type}\`)? If it was installed after rclnodejs, run ` +
        `\`ros2 run rxdepth generate_messages\`. ${messageOf(cause)}`,
      { cause },
    );
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
