/** A decoded message from a transport. Its large fields are views over the received bytes. */
export interface InputMessage<T = unknown> {
  /** Full name of the topic. */
  readonly topic: string;
  /** Full type name, such as `sensor_msgs/msg/Image`. */
  readonly type: string;
  /** The header's stamp, nanoseconds; the time of reception for messages without a header. */
  readonly stampNs: bigint;
  /** Time of reception (live) or log time (bag), nanoseconds. */
  readonly logTimeNs: bigint;
  /** The decoded message. */
  readonly message: T;
}

/** A message to send: CDR bytes, encoded once for all sinks. */
export interface OutputMessage {
  /** Full name of the topic. */
  readonly topic: string;
  /** Valid until `publish` resolves. The sink copies or keeps what it needs for longer. */
  readonly cdr: Uint8Array;
  /**
   * Keeps `cdr` valid for longer, without a copy, until the function that this returns is called. Call it before `publish`
   * resolves. Absent: the memory cannot be kept.
   */
  readonly keep?: () => () => void;
  /** Log time in a bag, nanoseconds since the epoch. */
  readonly logTimeNs: bigint;
}

/** A topic to announce to sinks. */
export interface OutputTopic {
  /** Full name of the topic. */
  readonly topic: string;
  /** Full type name, such as `sensor_msgs/msg/Image`. */
  readonly type: string;
  /** ros2msg text with dependencies. */
  readonly definition: string;
  /** Whether late subscribers get the last message (transient local durability). */
  readonly latched?: boolean;
}

/** A destination of messages: a bag, ROS 2 or Foxglove. */
export interface Sink {
  /** Announces a topic. Call it before the first message of the topic. */
  advertise(topic: OutputTopic): Promise<void>;
  /** Publishes a message. It resolves when the sink can take the next one; await it for back-pressure. */
  publish(message: OutputMessage): Promise<void>;
  /** Finishes all writes. A second call does nothing. */
  close(): Promise<void>;
}
