/** A topic of a bag. `definition` is the ros2msg text where the bag carries it, `qos` the offered profiles as YAML. */
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

/** One message as recorded; `cdr` is a view, valid for as long as it is referenced. */
export interface BagMessage {
  readonly topic: string;
  readonly type: string;
  readonly logTimeNs: bigint;
  readonly publishTimeNs: bigint;
  readonly cdr: Uint8Array;
}

/** Something in a bag that could not be read: where, what is wrong, and what is missing because of it. */
export interface BagProblem {
  readonly file: string;
  readonly what: string;
  readonly lost: string;
}

export interface MessagesOptions {
  /** Only these topics; by default all. */
  readonly topics?: readonly string[];
  /** Only messages logged from then on; what is announced is not compared with what such a reading finds. */
  readonly fromNs?: bigint;
  /** Aborting ends the iteration without an error. */
  readonly signal?: AbortSignal;
}

/** A recorded bag, whatever it is stored in. */
export interface BagReader {
  readonly path: string;
  readonly topics: readonly BagTopic[];
  readonly startNs?: bigint;
  readonly endNs?: bigint;
  readonly messageCount?: number;
  /** Messages in log time order, with bounded memory. Damage is reported in `problems` and skipped, never thrown. */
  messages(options?: MessagesOptions): AsyncIterable<BagMessage>;
  /** What could not be read, growing while reading. */
  readonly problems: readonly BagProblem[];
  close(): Promise<void>;
}
