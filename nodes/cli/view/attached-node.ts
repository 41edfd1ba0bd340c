import { BehaviorSubject, type Observable, Subject, Subscription, skip } from 'rxjs';
import { adaptationStatusCodec } from '../../../msgs/adaptation-status.js';
import { codecFor } from '../../../msgs/codecs.js';
import { compressedImageCodec } from '../../../msgs/compressed-image.js';
import { diagnosticArrayCodec } from '../../../msgs/diagnostic-array.js';
import { imageCodec } from '../../../msgs/image.js';
import { type LabelInfo, labelInfoCodec } from '../../../msgs/label-info.js';
import { type PerceptionStatus, perceptionStatusCodec } from '../../../msgs/perception-status.js';
import { VIDEO_TYPES } from '../../../msgs/video/video-packet.js';
import { OUTPUT_ROWS } from '../../perception/outputs.js';
import { decodeVideo } from '../../perception-node/decode-video.js';
import type { RosNode } from '../../transport/ros2/ros-node.js';
import type { InputMessage } from '../../transport/transport.js';
import type { WireClass } from '../../viewer/page-protocol.js';
import { aboutBytes } from '../../viewer/server/about-bytes.js';
import { decodedTopic } from '../../viewer/server/decoded-topic.js';
import type { ViewHub } from '../../viewer/server/view-hub.js';
import { namedClasses } from './named-classes.js';

/** A topic of a node of the graph. */
export interface GraphTopic {
  readonly topic: string;
  readonly type: string;
}

export interface AttachedNodeOptions {
  readonly ros: RosNode;
  readonly hub: ViewHub;
  /** Namespace of the perception node's outputs, such as `/rxdepth`. */
  readonly namespace: string;
  /** Topics that a node is subscribed to at this moment. */
  readonly inputsOf: (node: string) => readonly GraphTopic[];
  /** For people, once of every kind. */
  readonly say: (text: string) => void;
  readonly lookMs?: number;
}

const MOST_COMPLAINTS = 50;

interface Wanted {
  readonly topic: string;
  readonly type: string;
  readonly latched: boolean;
  /** The topic of video that it is decoded from. */
  readonly video?: GraphTopic;
}

/** Packets that DDS keeps: each picture refers to those before it. */
const VIDEO_DEPTH = 30;

/** How often the graph is asked what there is, milliseconds. */
const LOOK_MS = 1000;
/** Looks without anybody who publishes after which that is told. */
const PATIENCE = 5;

/**
 * A perception node that runs elsewhere on the graph, seen through its topics. What it publishes is announced in the hub, and
 * subscribed to while somebody looks. The camera's pictures are those that the node is subscribed to.
 */
export class AttachedNode {
  readonly #options: AttachedNodeOptions;
  readonly #wanted: readonly Wanted[];
  readonly #heard = new Map<string, Subscription>();
  readonly #served = new Map<string, Wanted>();
  readonly #classes$ = new BehaviorSubject<readonly WireClass[]>([]);
  readonly #change$ = new Subject<void>();
  readonly #ending = new Subscription();
  #node: string | undefined;
  #camera: string | undefined;
  /** The topic that it comes from: packets, where it is video. */
  #cameraInput: string | undefined;
  #status: PerceptionStatus | undefined;
  #inVain = 0;
  readonly #complaints = new Set<string>();

  constructor(options: AttachedNodeOptions) {
    this.#options = options;
    const { hub, namespace, lookMs = LOOK_MS } = options;
    const prefix = namespace.replace(/\/$/, '');
    const full = (topic: string) => (topic.startsWith('/') ? topic : `${prefix}/${topic}`);
    this.#wanted = [
      ...OUTPUT_ROWS.map(([, { topic, codec, latched = false }]) => ({
        ...{ topic: full(topic), type: codec.type, latched },
      })),
      { topic: full('adaptation/status'), type: adaptationStatusCodec.type, latched: false },
      { topic: '/diagnostics', type: diagnosticArrayCodec.type, latched: false },
    ];
    const timer = setInterval(() => this.#look(), lookMs);
    this.#ending.add(() => clearInterval(timer));
    this.#ending.add(hub.demand$.subscribe(() => this.#tune()));
    this.#ending.add(this.#classes$.pipe(skip(1)).subscribe(() => this.#change$.next()));
    this.#look();
  }

  /** Full name; undefined while nobody publishes a status. */
  get node(): string | undefined {
    return this.#node;
  }

  get camera(): string | undefined {
    return this.#camera;
  }

  get classes(): readonly WireClass[] {
    return this.#classes$.value;
  }

  /** What runs in it, as `NAME/N`; empty while that is unknown. */
  get running(): string {
    return this.#status === undefined ? '' : `${this.#status.model_name}/${this.#status.model_version}`;
  }

  /** Emits when node, camera, classes or model are others than before. */
  get change$(): Observable<void> {
    return this.#change$;
  }

  end(): void {
    this.#ending.unsubscribe();
    for (const heard of this.#heard.values()) heard.unsubscribe();
    this.#heard.clear();
  }

  #look(): void {
    const { ros, namespace, say } = this.#options;
    const status = this.#wanted.find(({ type }) => type === perceptionStatusCodec.type);
    const node = status && ros.publishersOf(status.topic)[0]?.node;
    if (node !== this.#node) {
      say(node === undefined ? `${this.#node} is gone from the graph` : `looking at ${node}`);
      this.#node = node;
      this.#camera = undefined;
      this.#cameraInput = undefined;
      this.#change$.next();
    }
    this.#inVain = node === undefined ? this.#inVain + 1 : 0;
    if (this.#inVain === PATIENCE)
      say(
        `no perception node publishes ${status?.topic}: is it started, is \`${namespace}\` its namespace (\`--ros NAMESPACE\`), ` +
          'and are ROS_DOMAIN_ID and RMW_IMPLEMENTATION those of its shell?',
      );
    for (const wanted of this.#wanted) {
      const there = ros.publishersOf(wanted.topic).some(({ type }) => type === wanted.type);
      if (there) this.#serve(wanted);
      else this.#withdraw(wanted.topic);
    }
    this.#findCamera();
    this.#tune();
  }

  /** A node that nobody listens to is subscribed to no images: what was found stays. */
  #findCamera(): void {
    if (this.#node === undefined) return;
    const isCamera = ({ type }: GraphTopic) =>
      type === imageCodec.type || type === compressedImageCodec.type || VIDEO_TYPES[type] !== undefined;
    const found = this.#options.inputsOf(this.#node).find(isCamera);
    if (found === undefined || found.topic === this.#cameraInput) return;
    if (this.#camera !== undefined) this.#withdraw(this.#camera);
    if (this.#cameraInput !== undefined) this.#withdraw(this.#cameraInput);
    this.#cameraInput = found.topic;
    this.#serve({ ...found, latched: false });
    const isVideo = VIDEO_TYPES[found.type] !== undefined;
    this.#camera = isVideo ? decodedTopic(found.topic) : found.topic;
    if (isVideo) this.#serve({ topic: this.#camera, type: imageCodec.type, latched: false, video: found });
    this.#change$.next();
  }

  #serve(wanted: Wanted): void {
    if (this.#served.has(wanted.topic)) return;
    const definition = codecFor(wanted.type)?.definition;
    if (definition === undefined) return;
    this.#served.set(wanted.topic, wanted);
    const { topic, type, latched } = wanted;
    void this.#options.hub.advertise({ topic, type, latched, definition });
  }

  #withdraw(topic: string): void {
    if (!this.#served.delete(topic)) return;
    this.#heard.get(topic)?.unsubscribe();
    this.#heard.delete(topic);
    this.#options.hub.withdraw(topic);
  }

  /** What is seen is subscribed to, and nothing else: the node computes no more than that. */
  #tune(): void {
    const { hub } = this.#options;
    for (const wanted of this.#served.values()) {
      const { topic, type, latched } = wanted;
      const always = latched || type === perceptionStatusCodec.type;
      const isSeen = always || hub.listenersOf(topic) > 0;
      const heard = this.#heard.get(topic);
      if (isSeen && heard === undefined) this.#heard.set(topic, this.#hear(wanted));
      else if (!isSeen && heard !== undefined) {
        heard.unsubscribe();
        this.#heard.delete(topic);
      }
    }
  }

  #hear({ topic, type, latched, video }: Wanted): Subscription {
    const { ros } = this.#options;
    if (video !== undefined) return this.#decode(topic, video);
    const qos = {
      reliability: this.#reliabilityOf(topic),
      durability: latched ? 'transient_local' : 'volatile',
      depth: 1,
    } as const;
    return ros.messages<object>(topic, type, qos).subscribe({
      next: (input) => this.#show(topic, type, input),
      error: (error: Error) => this.#complain(`${topic} cannot be shown: ${error.message}`),
    });
  }

  /** What is offered reliably is asked for so: large messages lose parts otherwise. */
  #reliabilityOf(topic: string): 'reliable' | 'best_effort' {
    const offered = this.#options.ros.publishersOf(topic);
    return offered.every(({ qos }) => qos.reliability === 'reliable') ? 'reliable' : 'best_effort';
  }

  /** The pictures of video, from the next key frame on; nothing is decoded while nobody looks. */
  #decode(topic: string, { topic: packets, type }: GraphTopic): Subscription {
    const { ros } = this.#options;
    const packetOf = VIDEO_TYPES[type]?.ofMessage;
    if (packetOf === undefined) return Subscription.EMPTY;
    const qos = {
      ...{ reliability: this.#reliabilityOf(packets), depth: VIDEO_DEPTH },
      durability: 'volatile',
    } as const;
    const onLoss = (_: unknown, reason: string) =>
      this.#complain(`a packet of ${packets} gives no picture: ${reason}`);
    return ros
      .messages<unknown>(packets, type, qos)
      .pipe(decodeVideo({ packetOf, onLoss }))
      .subscribe({
        next: (input) => this.#show(topic, imageCodec.type, input),
        error: (error: Error) => this.#complain(`${packets} cannot be shown: ${error.message}`),
      });
  }

  /** Nothing may throw here: rclnodejs would end the process. */
  #show(topic: string, type: string, input: InputMessage): void {
    const { hub } = this.#options;
    try {
      this.#note(input);
      // Outputs have their image's stamp: pictures and masks find each other by it.
      const logTimeNs = input.stampNs;
      const codec = codecFor(type);
      if (codec === undefined || !hub.serves(topic)) return;
      const { message } = input;
      const byteLength = aboutBytes(message);
      hub
        .publish({ topic, logTimeNs, byteLength, make: () => codec.encode(message) })
        .catch((error: Error) => this.#complain(`${topic} cannot be shown: ${error.message}`));
    } catch (error) {
      this.#complain(`${topic} cannot be shown: ${(error as Error).message}`);
    }
  }

  #complain(text: string): void {
    if (this.#complaints.has(text) || this.#complaints.size >= MOST_COMPLAINTS) return;
    this.#complaints.add(text);
    this.#options.say(text);
  }

  #note({ type, message }: InputMessage): void {
    // Of the types that the topics were found under.
    if (type === labelInfoCodec.type) this.#classes$.next(namedClasses(message as LabelInfo));
    if (type !== perceptionStatusCodec.type) return;
    const before = this.running;
    this.#status = message as PerceptionStatus;
    if (this.running !== before) this.#change$.next();
  }
}
