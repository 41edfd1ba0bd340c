/** A decoded message from a transport. Its large fields are views over the received bytes. */
export interface InputMessage<T = unknown> {
  readonly topic: string;
  /** Full type name, such as `sensor_msgs/msg/Image`. */
  readonly type: string;
  /** The header's stamp, nanoseconds; the time of reception for messages without a header. */
  readonly stampNs: bigint;
  /** Time of reception (live) or log time (bag), nanoseconds. */
  readonly logTimeNs: bigint;
  readonly message: T;
}

/** A message to send: CDR bytes, encoded once for all sinks. */
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
  /** Whether late subscribers get the last message (transient local durability). */
  readonly latched?: boolean;
}

/** A destination of messages: a bag, ROS 2 or Foxglove. */
export interface Sink {
  advertise(topic: OutputTopic): Promise<void>;
  /** Publishes a message. It resolves when the sink can take the next one; await it for back-pressure. */
  publish(message: OutputMessage): Promise<void>;
  /** Finishes all writes. A second call does nothing. */
  close(): Promise<void>;
}
