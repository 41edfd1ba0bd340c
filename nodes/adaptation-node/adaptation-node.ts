import type { RosNode } from '../transport/ros2/ros-node.js';
import type { AdaptationRuns } from './adaptation-runs.js';
import { serveAdaptation } from './serve-adaptation.js';

/** Time that a perception node gets to load a model, milliseconds. */
const LOAD_MS = 60_000;

/** A node that only adapts, beside the perception nodes that it tells to load what came of it. */
export class AdaptationNode {
  readonly #ros: RosNode;
  readonly #runs: AdaptationRuns;
  readonly #perceptionNodes: () => readonly string[];
  #stop: (() => void) | undefined;

  /** @param perceptionNodes names of the nodes to tell, `/front/perception` */
  constructor(ros: RosNode, runs: AdaptationRuns, perceptionNodes: () => readonly string[]) {
    this.#ros = ros;
    this.#runs = runs;
    this.#perceptionNodes = perceptionNodes;
  }

  begin(): void {
    this.#stop ??= serveAdaptation(this.#ros, this.#runs, () => this.#tell());
  }

  end(): void {
    this.#stop?.();
    this.#runs.stop();
  }

  /** One node that does not answer keeps none of the others from the new model. */
  async #tell(): Promise<void> {
    await Promise.all(
      this.#perceptionNodes().map(async (node) => {
        const service = `${node}/load_model`;
        try {
          const { success, message } = await this.#ros.call<{ success: boolean; message: string }>(
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
