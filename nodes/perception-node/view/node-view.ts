import { merge, NEVER, type Observable, Subscription } from 'rxjs';
import type { LoadedModel } from '../../../models/model-store.js';
import { formatVersionId } from '../../../models/versions/version-id.js';
import type { VersionStore } from '../../../models/versions/version-store.js';
import { NodeError } from '../../errors.js';
import { watchCurrent } from '../../perception/watch-current.js';
import type { RosNode } from '../../transport/ros2/ros-node.js';
import { PictureDecoderWorker } from '../../viewer/preview/picture-decoder-worker.js';
import { AdaptationBoard } from '../../viewer/server/adaptation-board.js';
import { decodedTopic } from '../../viewer/server/decoded-topic.js';
import { ModelBoard } from '../../viewer/server/model-board.js';
import { ViewHub } from '../../viewer/server/view-hub.js';
import { ViewServer } from '../../viewer/server/view-server.js';
import { cameraInputs } from '../camera-streams.js';
import type { Parameters } from '../parameters.js';
import type { ModelChange } from '../perception-node.js';
import { WatchedRos } from './watched-ros.js';

/** A perception node as its page sees it. */
export interface ViewedNode {
  readonly parameters: Parameters;
  /** Undefined while it is not configured. */
  readonly model: LoadedModel | undefined;
  /** Emits after every transition and change of the model. */
  readonly change$: Observable<void>;
  loadModel(model: string): Promise<ModelChange>;
  rollback(): Promise<ModelChange>;
}

interface OpenPage {
  readonly server: ViewServer;
  end(): Promise<void>;
}

/**
 * The page of a node at work (`view:=true`), in the node's own process. It shows what the node publishes and the very
 * pictures that it received. What somebody looks at is computed as for a subscriber.
 */
export class NodeView {
  /** To be given to the node instead of the one that this was made with. */
  readonly ros: WatchedRos;
  readonly #hub = new ViewHub();
  readonly #store: VersionStore;
  readonly #following = new Subscription();
  #wanted = '';
  #page: OpenPage | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(ros: RosNode, store: VersionStore) {
    this.ros = new WatchedRos(ros, this.#hub);
    this.#store = store;
  }

  /** Address of the page with its token; undefined while none is open. */
  get url(): string | undefined {
    return this.#page?.server.url;
  }

  /** Opens, moves and closes the page as the node's parameters say, whenever it is configured. */
  follow(node: ViewedNode): void {
    this.#following.add(node.change$.subscribe(() => this.#changed(node)));
  }

  async close(): Promise<void> {
    this.#following.unsubscribe();
    await this.#next(async () => {});
  }

  #changed(node: ViewedNode): void {
    if (node.model === undefined) this.ros.forgetInputs();
    const { view, view_host, view_port } = node.parameters;
    const wanted = view ? `${view_host} port ${view_port}` : '';
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    void this.#next(async () => {
      if (wanted !== '') await this.#open(node);
    });
  }

  /** After what is being done, and after the page that is open now. */
  #next(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work
      .then(async () => {
        const page = this.#page;
        this.#page = undefined;
        await page?.end();
        await work();
      })
      .catch((error: Error) => {
        // The next configure tries again.
        this.#wanted = '';
        this.ros.log.error(error.message);
      });
    return this.#work;
  }

  async #open(node: ViewedNode): Promise<void> {
    const { ros } = this;
    const { view_host: host, view_port: port, bit_depth } = node.parameters;
    const decoder = new PictureDecoderWorker(bit_depth > 0 ? { bitDepth: bit_depth } : {});
    const models = this.#models(node);
    const current = merge(watchCurrent(this.#store), node.change$).subscribe(() => models.changed());
    const close = async () => {
      current.unsubscribe();
      await decoder.close();
    };
    try {
      const server = await ViewServer.open({
        ...{ hub: this.#hub, host, port, decoder },
        say: (text) => ros.log.warn(text),
        subject: {
          ...{ kind: 'live', name: ros.name, models, change$: node.change$, notice$: NEVER },
          node: () => ros.name,
          adaptations: new AdaptationBoard(this.#store.home),
          camera: () => {
            const { image, packetOf } = cameraInputs(node.parameters);
            const topic = ros.resolve(image);
            return packetOf === undefined ? topic : decodedTopic(topic);
          },
          classes: () => node.model?.manifest.classes ?? [],
        },
      });
      this.#page = {
        server,
        end: async () => {
          await server.close();
          await close();
        },
      };
      ros.log.info(`the page of this node: ${server.url}`);
    } catch (error) {
      await close();
      throw error;
    }
  }

  #models(node: ViewedNode): ModelBoard {
    const done = async (change: Promise<ModelChange>) => {
      const { success, message } = await change;
      if (success) return message;
      throw new NodeError(message);
    };
    return new ModelBoard({
      store: this.#store,
      running: () => (node.model === undefined ? '' : formatVersionId(node.model.manifest)),
      follows: () => node.parameters.model === '' && node.parameters.follow,
      choice: {
        scope: 'node',
        use: (id) => done(node.loadModel(formatVersionId(id))),
        rollback: () => done(node.rollback()),
      },
    });
  }
}
