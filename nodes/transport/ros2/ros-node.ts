import type { Observable } from 'rxjs';
import type { Image } from '../../../msgs/image.js';
import type { InputMessage, OutputTopic, Sink } from '../transport.js';
import type { QosProfile } from './qos.js';
import type { TopicEnd } from './qos-overrides.js';

/** Somebody who publishes a topic, or is subscribed to it. */
export interface RosEndpoint {
  /** Fully qualified name of its node. */
  readonly node: string;
  readonly type: string;
  readonly qos: QosProfile;
}

/** Says whether a message is wanted now, and when one may be wanted again; a FlowControl does. */
export interface Demand {
  readonly open: boolean;
  /** Calls back once, when there may be room; returns a function that cancels. */
  onRoom(callback: () => void): () => void;
}

export interface RosLog {
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

/**
 * A node of a ROS 2 graph as the logic of rxdepth's nodes sees it. Names of topics and services are relative, private
 * (`~/adapt`) or absolute; the launch file may remap them. `RclNode` is the real one.
 */
export interface RosNode extends Sink {
  /** Fully qualified: `/front/perception`. */
  readonly name: string;
  readonly log: RosLog;
  /** The node's clock, which is simulated under `use_sim_time`; 0 before the first /clock. */
  nowNs(): bigint;
  /** The topic's full name. */
  resolve(topic: string): string;
  /**
   * Messages of a topic while anybody is subscribed to the observable; every one has a subscription of its own.
   * @param demand while it is not open, messages wait in DDS, which keeps the newest `qos.depth`: what is never wanted is
   *   never copied, and never seen
   */
  messages<T>(topic: string, type: string, qos: QosProfile, demand?: Demand): Observable<InputMessage<T>>;
  /** A picture that the node decoded from the video of a topic, for those who look at the node itself; absent: nobody does. */
  decoded?(topic: string, picture: InputMessage<Image>): void;
  publishersOf(topic: string): readonly RosEndpoint[];
  /** Also those whose type or QoS lets them hear nothing. */
  subscribersOf(topic: string): readonly RosEndpoint[];
  /**
   * Announces a topic at once; a latched one is `LATCHED`, whatever `qos` says.
   * @throws NodeError when ROS does not know the type.
   */
  announce(topic: Pick<OutputTopic, 'topic' | 'type' | 'latched'>, qos?: QosProfile): void;
  withdraw(topic: string): void;
  /** What an end of a topic of this node is made with: `qos`, unless the user says otherwise (`qos_overrides`). */
  effectiveQos(end: TopicEnd, topic: string, qos: QosProfile): QosProfile;
  /** Subscriptions to a topic that was announced; of a topic that the node receives: those who look at it there. */
  listenersOf(topic: string): number;
  /** Answers requests of a service; a rejection is logged and leaves the caller without an answer. */
  serve<Request, Response>(
    service: string,
    type: string,
    answer: (request: Request) => Promise<Response>,
  ): void;
  /** Calls a service of another node. Rejects with NodeError when nobody answers in time. */
  call<Response>(service: string, type: string, request: unknown, timeoutMs: number): Promise<Response>;
  /** Nodes of this very name, this one among them. */
  namesakes(): number;
}
