/** A topic of a bag. */
export interface BagTopic {
  /** Full name, such as `/camera/image`. */
  readonly topic: string;
  /** Full type name of the messages, such as `sensor_msgs/msg/Image`. */
  readonly type: string;
  /** Serialization of its messages: `cdr` in every bag that ROS 2 wrote by default. */
  readonly serialization: string;
  /** Number of messages; absent if the bag does not say. */
  readonly messageCount?: number;
  /** The ros2msg text of the type. */
  readonly definition?: string;
  /** The offered QoS profiles, as YAML. */
  readonly qos?: string;
  /** Type of the messages in the bag where it is read as another one: video, as images. */
  readonly recordedAs?: string;
}

/** One message as recorded. `cdr` is a view over the reader's memory; it stays valid while something refers to it. */
export interface BagMessage {
  /** Full name of the topic. */
  readonly topic: string;
  /** Full type name, such as `sensor_msgs/msg/Image`. */
  readonly type: string;
  /** Time at which the message was recorded, nanoseconds since the epoch. */
  readonly logTimeNs: bigint;
  /** Time at which the message was published, nanoseconds since the epoch. */
  readonly publishTimeNs: bigint;
  /** The CDR bytes with their 4-byte encapsulation header. */
  readonly cdr: Uint8Array;
}

/** A part of a bag that could not be read: its place, what is wrong, and what is missing because of it. */
export interface BagProblem {
  /** Path of the damaged file. */
  readonly file: string;
  /** What is wrong, and where in the file. */
  readonly what: string;
  /** What is missing because of it. */
  readonly lost: string;
}

/** What to read of a bag, and when to stop. */
export interface MessagesOptions {
  /** Topics to read; default: all. */
  readonly topics?: readonly string[];
  /** Log time of the first message to read, nanoseconds. Such a reading does not compare counts with what the bag announces. */
  readonly fromNs?: bigint;
  /** Aborting ends the iteration without an error. */
  readonly signal?: AbortSignal;
}

/** A recorded bag in any storage format. */
export interface BagReader {
  /** Path or URL that the bag was opened by. */
  readonly path: string;
  /** All topics of the bag. */
  readonly topics: readonly BagTopic[];
  /** Log time of the first message, nanoseconds since the epoch; absent if unknown. */
  readonly startNs?: bigint;
  /** Log time of the last message, nanoseconds since the epoch; absent if unknown. */
  readonly endNs?: bigint;
  /** Number of messages of all topics; absent if unknown. */
  readonly messageCount?: number;
  /** Yields messages in log time order, in bounded memory. It skips damage and reports it in `problems`; it throws none. */
  messages(options?: MessagesOptions): AsyncIterable<BagMessage>;
  /** What could not be read. The list grows during reading. */
  readonly problems: readonly BagProblem[];
  /** Closes all files of the bag. */
  close(): Promise<void>;
}
