import { AdaptationRuns } from '../adaptation-node/adaptation-runs.js';
import { serveAdaptation } from '../adaptation-node/serve-adaptation.js';
import type { RosNode } from '../transport/ros2/ros-node.js';
import type { ModelChange, PerceptionNode } from './perception-node.js';

/** Offers `~/load_model`, `~/rollback` and `~/adapt`. */
export function servePerception(ros: RosNode, perception: PerceptionNode): AdaptationRuns {
  ros.serve<{ readonly model: string }, ModelChange>(
    '~/load_model',
    'rxdepth_msgs/srv/LoadModel',
    async ({ model }) => await perception.loadModel(model),
  );
  ros.serve<unknown, ModelChange>(
    '~/rollback',
    'rxdepth_msgs/srv/Rollback',
    async () => await perception.rollback(),
  );
  const runs = new AdaptationRuns({
    camera: () => {
      const { camera_kind, bit_depth, max_pixels } = perception.parameters;
      return {
        ...(camera_kind !== 'auto' && { cameraKind: camera_kind }),
        // 0: nothing was said.
        ...(bit_depth > 0 && { bitDepth: bit_depth }),
        ...(max_pixels > 0 && { maxPixels: max_pixels }),
      };
    },
  });
  serveAdaptation(ros, runs, async () => {
    await perception.loadModel('');
  });
  return runs;
}
