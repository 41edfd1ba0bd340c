import { isDeepStrictEqual } from 'node:util';
import { cameraInfoCodec } from '../../msgs/camera-info.js';
import { formatQos, type QosProfile, qosMismatch } from '../transport/ros2/qos.js';
import type { RosNode } from '../transport/ros2/ros-node.js';
import type { CameraInputs } from './camera-streams.js';
import type { Area, Trouble } from './episodes.js';

/** Silence of an input that is worth a word, milliseconds. */
const SILENCE_MS = 2000;

/**
 * Says what is wrong around the node. It says why its camera is not heard (nobody publishes, another type or QoS, no
 * camera_info), and whether another node has its name.
 */
export class GraphWatch {
  readonly #ros: RosNode;
  readonly #inputs: CameraInputs;
  readonly #now: () => number;
  #sinceMs: number;
  #imageMs: number | undefined;
  #infoMs: number | undefined;

  constructor(ros: RosNode, inputs: CameraInputs, now: () => number = () => performance.now()) {
    this.#ros = ros;
    this.#inputs = inputs;
    this.#now = now;
    this.#sinceMs = now();
  }

  imageArrived(): void {
    this.#imageMs = this.#now();
  }

  infoArrived(): void {
    this.#infoMs = this.#now();
  }

  /** Silence counts from now on: the node begins, or begins again, to listen. */
  begin(): void {
    this.#sinceMs = this.#now();
  }

  /**
   * What is wrong at this moment; to be called about once a second.
   * @param listening whether images are expected
   */
  check(listening: boolean): readonly Trouble[] {
    return [...this.#namesakes(), ...(listening ? this.#inputProblems() : [])];
  }

  #namesakes(): Trouble[] {
    const count = this.#ros.namesakes();
    if (count <= 1) return [];
    const text = `${count} nodes are called ${this.#ros.name}: give each its own name or namespace`;
    return [{ area: 'node', text }];
  }

  #inputProblems(): Trouble[] {
    const { image, imageType, info, qos, infoQos } = this.#inputs;
    return [
      ...this.#mismatches('images', image, imageType, qos),
      ...this.#mismatches('camera_info', info, cameraInfoCodec.type, infoQos),
      ...this.#silences(image, info),
    ];
  }

  #mismatches(area: Area, topic: string, type: string, requested: QosProfile): Trouble[] {
    const name = this.#ros.resolve(topic);
    const effective = this.#ros.effectiveQos('subscription', topic, requested);
    const advice = isDeepStrictEqual(effective, requested)
      ? 'set `image_reliability` to best_effort'
      : `mend \`qos_overrides.${name}.subscription\``;
    const texts = this.#ros.publishersOf(topic).flatMap((endpoint) => {
      if (endpoint.type !== type) {
        return [
          `${endpoint.node} publishes ${name} as \`${endpoint.type}\`, expected \`${type}\`: nothing of it is received; ` +
            'set the parameter `compressed` or `video`, or remap the topic',
        ];
      }
      const mismatch = qosMismatch(endpoint.qos, effective);
      if (mismatch === undefined) return [];
      return [
        `${endpoint.node} publishes ${name} with a QoS that cannot be received: ${mismatch}; ${advice}`,
      ];
    });
    return texts.map((text) => ({ area, text }));
  }

  #silences(image: string, info: string): Trouble[] {
    const quiet = (lastMs: number | undefined) =>
      this.#now() - Math.max(lastMs ?? 0, this.#sinceMs) > SILENCE_MS;
    if (quiet(this.#imageMs)) return [{ area: 'images', text: this.#silence(image, 'images') }];
    // A latched camera_info comes once.
    if (this.#infoMs === undefined && quiet(undefined))
      return [{ area: 'camera_info', text: this.#silence(info, 'camera_info') }];
    return [];
  }

  #silence(topic: string, what: string): string {
    const publishers = this.#ros.publishersOf(topic);
    const from =
      publishers.length === 0
        ? 'nobody publishes it'
        : `published by ${publishers.map(({ node, qos }) => `${node} (${formatQos(qos)})`).join(', ')}`;
    return `no ${what} on ${this.#ros.resolve(topic)}: ${from}; is it the right topic (remap \`${topic}\`)?`;
  }
}
