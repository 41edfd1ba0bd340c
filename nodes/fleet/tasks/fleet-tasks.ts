import type { TaskName } from '../fleet-job.js';
import { EVALUATE_TASK } from './evaluate-task.js';
import type { FleetTask } from './fleet-task.js';
import { JUDGE_TASK } from './judge-task.js';
import { LEARN_TASK } from './learn-task.js';
import { REPLAY_TASK } from './replay-task.js';

/** How each task is done. */
export const FLEET_TASKS: Readonly<Record<TaskName, FleetTask>> = {
  replay: REPLAY_TASK,
  evaluate: EVALUATE_TASK,
  learn: LEARN_TASK,
  judge: JUDGE_TASK,
};
