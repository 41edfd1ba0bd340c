import { Subject } from 'rxjs';
import { formatVersionId } from '../../../models/versions/version-id.js';
import { VersionStore } from '../../../models/versions/version-store.js';
import { NodeError } from '../../errors.js';
import type { RosNode } from '../../transport/ros2/ros-node.js';
import { AdaptationBoard } from '../../viewer/server/adaptation-board.js';
import { ModelBoard } from '../../viewer/server/model-board.js';
import { ViewHub } from '../../viewer/server/view-hub.js';
import { AttachedNode, type GraphTopic } from './attached-node.js';
import type { View } from './view.js';

export interface RosViewOptions {
  readonly ros: RosNode;
  readonly inputsOf: (node: string) => readonly GraphTopic[];
  /** Namespace of the perception node: `/rxdepth`. */
  readonly namespace: string;
  readonly say: (text: string) => void;
  readonly store?: VersionStore;
  readonly lookMs?: number;
}

interface Answer {
  readonly success: boolean;
  readonly message: string;
}

/** Loading and warming up a model, and trying it on frames, milliseconds. */
const LOAD_MS = 120_000;

/**
 * A perception node that runs on the graph, as any other subscriber sees it. Its model is changed by its services; the versions
 * are those of this machine.
 */
export function openRosView(options: RosViewOptions): View {
  const { ros, inputsOf, namespace, store = new VersionStore(), lookMs } = options;
  const hub = new ViewHub();
  const notice$ = new Subject<string>();
  const say = (text: string) => {
    options.say(text);
    notice$.next(text);
  };
  const attached = new AttachedNode({
    ...{ ros, hub, namespace, inputsOf, say },
    ...(lookMs !== undefined && { lookMs }),
  });
  const call = async (service: string, type: string, request: object) => {
    const { node } = attached;
    if (node === undefined) throw new NodeError('there is no perception node on the graph');
    const answer = await ros.call<Answer>(`${node}/${service}`, type, request, LOAD_MS);
    if (!answer.success) throw new NodeError(answer.message);
    return answer.message;
  };
  const models = new ModelBoard({
    ...{ store, running: () => attached.running },
    choice: {
      scope: 'node',
      use: (id) => call('load_model', 'rxdepth_msgs/srv/LoadModel', { model: formatVersionId(id) }),
      rollback: () => call('rollback', 'rxdepth_msgs/srv/Rollback', {}),
    },
  });
  const changed = attached.change$.subscribe(() => models.changed());
  return {
    hub,
    subject: {
      ...{ kind: 'live', name: namespace, camera: () => attached.camera, classes: () => attached.classes },
      ...{ node: () => attached.node, change$: attached.change$, models, notice$ },
      adaptations: new AdaptationBoard(store.home),
    },
    run: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      }),
    close: async () => {
      changed.unsubscribe();
      attached.end();
      await ros.close();
    },
  };
}
