/** A message as a transport delivers it: decoded, its large fields views over the received bytes. */
export interface InputMessage<T = unknown> {
  readonly topic: string;
  /** `sensor_msgs/msg/Image` */
  readonly type: string;
  /** The header's stamp; the time of reception for messages without a header. */
  readonly stampNs: bigint;
  /** When it was received (live) or logged (bag). */
  readonly logTimeNs: bigint;
  readonly message: T;
}

/** A message that a transport sends: CDR bytes, encoded once for all sinks. */
export interface OutputMessage {
  readonly topic: string;
  /** Valid until `publish` resolves; the sink copies what it needs for longer. */
  readonly cdr: Uint8Array;
  readonly logTimeNs: bigint;
}

export interface OutputTopic {
  readonly topic: string;
  readonly type: string;
  /** ros2msg text with dependencies. */
  readonly definition: string;
  /** Late subscribers get the last message (transient local durability). */
  readonly latched?: boolean;
}

/** Where messages go: a bag, ROS 2, Foxglove. */
export interface Sink {
  advertise(topic: OutputTopic): Promise<void>;
  /** Resolves when the sink takes the next message: back-pressure. */
  publish(message: OutputMessage): Promise<void>;
  /** Finishes what was begun; harmless when called twice. */
  close(): Promise<void>;
}
