import { ADAPTATION_STATE, adaptationStatusCodec } from '../../msgs/adaptation-status.js';
import { nsToStamp } from '../../msgs/stamp.js';
import type { RosNode } from '../transport/ros2/ros-node.js';
import type { AdaptationRuns } from './adaptation-runs.js';

const STATUS = 'adaptation/status';
const STATUS_MS = 1000;

export interface ServedAdaptation {
  /** Publishes the status now. */
  publish(): void;
  /** A run ended in this state. */
  ended(state: number): void;
  /** Ends the reports. */
  end(): void;
}

/**
 * Offers `~/adapt`, and publishes `adaptation/status` every second.
 * @param promoted is called when a run has made a new version current
 */
export function serveAdaptation(
  ros: RosNode,
  runs: AdaptationRuns,
  promoted: () => Promise<void>,
): ServedAdaptation {
  ros.announce({ topic: STATUS, type: adaptationStatusCodec.type });
  const publish = () => {
    const { state, bag, message, elapsedSeconds } = runs.report;
    const logTimeNs = ros.nowNs();
    const header = { stamp: nsToStamp(logTimeNs), frame_id: '' };
    const cdr = adaptationStatusCodec.encode({ header, state, bag, message, elapsed_s: elapsedSeconds });
    ros.publish({ topic: STATUS, cdr, logTimeNs }).catch((error: Error) => ros.log.error(error.message));
  };
  const timer = setInterval(publish, STATUS_MS);
  const ended = (state: number) => {
    const { message, bag } = runs.report;
    const text = `adaptation to ${bag}: ${message}`;
    if (state === ADAPTATION_STATE.FAILED && !runs.stopped) ros.log.error(text);
    else ros.log.info(text);
    publish();
    if (state !== ADAPTATION_STATE.PROMOTED) return;
    promoted().catch((error: Error) => ros.log.error(`the new model was not loaded: ${error.message}`));
  };
  ros.serve<{ readonly bags: readonly string[] }, { success: boolean; message: string }>(
    '~/adapt',
    'rxdepth_msgs/srv/Adapt',
    async ({ bags }) => {
      const refusal = await runs.start([...bags], ended);
      publish();
      return { success: refusal === undefined, message: refusal ?? '' };
    },
  );
  return { publish, ended, end: () => clearInterval(timer) };
}
