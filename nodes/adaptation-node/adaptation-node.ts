import { formatVersionId } from '../../models/versions/version-id.js';
import { VersionStore } from '../../models/versions/version-store.js';
import type { RosNode } from '../transport/ros2/ros-node.js';
import type { AdaptationParameters } from './adaptation-parameters.js';
import { AdaptationRuns } from './adaptation-runs.js';
import { DriveWatch } from './drive-watch.js';
import { LiveRecorder } from './live-recorder.js';
import { serveAdaptation } from './serve-adaptation.js';

/** Time that a perception node gets to load a model, milliseconds. */
const LOAD_MS = 60_000;
/** A run that was told to end has this long when the node ends, which has 2 s, milliseconds. */
const END_MS = 1000;

export interface AdaptationNodeOptions {
  readonly parameters: AdaptationParameters;
  readonly runs?: AdaptationRuns;
  readonly store?: VersionStore;
  /** How long a drive has to be still before the watch takes it, seconds; default that of `DriveWatch`. */
  readonly settleSeconds?: number;
  /** How often the watch looks into its folder, seconds; default that of `DriveWatch`. */
  readonly periodSeconds?: number;
}

const TRIGGER = 'std_srvs/srv/Trigger';

interface Answer {
  readonly success: boolean;
  readonly message: string;
}

/**
 * A node that only adapts. It adapts to the bags it is asked to (`~/adapt`), and to the drives that appear in a folder, which
 * it can record itself. Perception nodes follow the current version, and are told of it as well.
 */
export class AdaptationNode {
  readonly #ros: RosNode;
  readonly #parameters: AdaptationParameters;
  readonly #runs: AdaptationRuns;
  readonly #store: VersionStore;
  readonly #watch: DriveWatch | undefined;
  #recorder: LiveRecorder | undefined;
  #reported: ((state: number) => void) | undefined;
  #stop: (() => void) | undefined;

  constructor(ros: RosNode, options: AdaptationNodeOptions) {
    const { parameters, store = new VersionStore(), settleSeconds, periodSeconds } = options;
    this.#ros = ros;
    this.#parameters = parameters;
    this.#store = store;
    this.#runs =
      options.runs ??
      new AdaptationRuns({
        ...{ minutes: parameters.minutes, camera: () => parameters.camera, request: parameters.request },
        store,
      });
    if (parameters.watch === '') return;
    this.#watch = new DriveWatch({
      ...{ folder: parameters.watch, runs: this.#runs, home: store.home },
      guards: parameters.request.guard,
      ...(settleSeconds !== undefined && { settleSeconds }),
      ...(periodSeconds !== undefined && { periodSeconds }),
      say: (text) => ros.log.info(text),
      ended: (state) => this.#reported?.(state),
    });
  }

  begin(): void {
    if (this.#stop !== undefined) return;
    const ros = this.#ros;
    const { publish, ended, end } = serveAdaptation(ros, this.#runs, () => this.#tell());
    this.#stop = end;
    this.#reported = ended;
    ros.serve<unknown, Answer>('~/stop', TRIGGER, async () => {
      await (this.#watch?.pause() ?? this.#runs.stop());
      publish();
      return { success: true, message: this.#watch ? 'paused; ~/start goes on' : 'stopped' };
    });
    ros.serve<unknown, Answer>('~/start', TRIGGER, async () => {
      this.#watch?.begin();
      const message = this.#watch
        ? `watching ${this.#parameters.watch}`
        : 'no folder to watch (parameter `watch`)';
      return { success: this.#watch !== undefined, message };
    });
    ros.serve<unknown, Answer & { model_name: string; model_version: string }>(
      '~/rollback',
      'rxdepth_msgs/srv/Rollback',
      () => this.#rollback(),
    );
    const { record, watch, compressed, record_seconds, record_gigabytes } = this.#parameters;
    if (record) {
      this.#recorder = new LiveRecorder(ros, {
        ...{ folder: watch, compressed, seconds: record_seconds, mostBytes: record_gigabytes * 1e9 },
        say: (text) => ros.log.warn(text),
      });
    }
    this.#watch?.begin();
  }

  /** Ends the run that is going on; its drive is begun again by the next node. */
  async end(): Promise<void> {
    this.#stop?.();
    await Promise.all([this.#recorder?.close(), this.#watch?.pause(END_MS) ?? this.#runs.stop(END_MS)]);
  }

  async #rollback(): Promise<Answer & { model_name: string; model_version: string }> {
    try {
      const { to } = await this.#store.rollback();
      await this.#tell();
      const message = `${formatVersionId(to)} is current now`;
      return { success: true, message, model_name: to.name, model_version: String(to.version) };
    } catch (error) {
      return { success: false, message: (error as Error).message, model_name: '', model_version: '' };
    }
  }

  /** One node that does not answer keeps none of the others from the new model. */
  async #tell(): Promise<void> {
    await Promise.all(
      this.#parameters.perception_nodes.map(async (node) => {
        const service = `${node}/load_model`;
        try {
          const { success, message } = await this.#ros.call<Answer>(
            service,
            'rxdepth_msgs/srv/LoadModel',
            { model: '' },
            LOAD_MS,
          );
          if (success) this.#ros.log.info(`${node}: ${message}`);
          else this.#ros.log.error(`${node} keeps its model: ${message}`);
        } catch (error) {
          this.#ros.log.error((error as Error).message);
        }
      }),
    );
  }
}
