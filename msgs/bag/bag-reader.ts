/** A topic of a bag. `definition` is its ros2msg text if the bag has one; `qos` holds the offered profiles as YAML. */
export interface BagTopic {
  readonly topic: string;
  readonly type: string;
  /** Serialization of its messages: `cdr` in every bag that ROS 2 wrote by default. */
  readonly serialization: string;
  readonly messageCount?: number;
  readonly definition?: string;
  readonly qos?: string;
  /** Type of the messages in the bag where it is read as another one: video, as images. */
  readonly recordedAs?: string;
}

/** One message as recorded. `cdr` is a view over the reader's memory; it stays valid while something refers to it. */
export interface BagMessage {
  readonly topic: string;
  readonly type: string;
  readonly logTimeNs: bigint;
  readonly publishTimeNs: bigint;
  readonly cdr: Uint8Array;
}

/** A part of a bag that could not be read: its place, what is wrong, and what is missing because of it. */
export interface BagProblem {
  readonly file: string;
  readonly what: string;
  readonly lost: string;
}

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
  readonly path: string;
  readonly topics: readonly BagTopic[];
  readonly startNs?: bigint;
  readonly endNs?: bigint;
  readonly messageCount?: number;
  /** Yields messages in log time order, in bounded memory. It skips damage and reports it in `problems`; it throws none. */
  messages(options?: MessagesOptions): AsyncIterable<BagMessage>;
  /** What could not be read. The list grows during reading. */
  readonly problems: readonly BagProblem[];
  close(): Promise<void>;
}
