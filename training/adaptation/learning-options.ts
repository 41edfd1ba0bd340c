import type { CameraHeight } from '../../msgs/camera/camera-height.js';
import type { CameraSettings } from '../../msgs/camera/camera-settings.js';
import type { AdaptationSettings } from './adaptation-settings.js';
import type { Teaching } from './teacher/teaching.js';
import type { WorkFolder } from './work-folder.js';

/** What is learned from, how long, and what it is judged by. */
export interface LearningOptions {
  readonly bags: readonly string[];
  readonly names: CameraSettings;
  /** Topic that is judged by; false: none, whatever the drives have. */
  readonly lidar?: string | false | undefined;
  /** Topic that says how fast the vehicle was, to learn and judge metres by; the only one there is where left out; false: none. */
  readonly odometry?: string | false | undefined;
  /** Height of the camera over the road, metres, or that it is constant. Learning and judging of metres use it. */
  readonly cameraHeight?: CameraHeight | undefined;
  /** Other drives that candidates are judged by, beside past ones. */
  readonly guards?: readonly string[];
  /** Model folders: what is adapted, and, where only judged, what may replace it. */
  readonly parent: string;
  readonly judgeOnly?: string | undefined;
  readonly work: WorkFolder;
  /** Where samples of the source domain are kept, and pictures of past drives. */
  readonly sampleFolder: string;
  readonly memoryFolder: string;
  /** Triplets of past drives, to judge by; without it none are kept. */
  readonly guardFolder?: string;
  readonly sourceDomain?: string | undefined;
  /** Who labels the pictures that are learned from; left out: nobody. */
  readonly teaching?: Teaching | undefined;
  /** Where learning that was cut short is kept. */
  readonly learningFolder: string;
  /** Whether to begin anew where such learning of these drives is kept. */
  readonly restart?: boolean;
  /**
   * Of the whole run on an idle machine (`runClock`); what is left after looking through the drives, less what judging takes,
   * is for learning.
   */
  readonly minutes: number;
  /** Deadline by the wall clock, minutes, however busy the machine is; default: DEADLINE_TIMES `minutes`. */
  readonly deadlineMinutes?: number | undefined;
  /** Steps of learning; default: by the length of the drives (`plannedSteps`). */
  readonly steps?: number | undefined;
  readonly mostFrames: number;
  readonly settings: AdaptationSettings;
  readonly command: string;
  /** Version of the candidate. */
  readonly version: number;
  readonly threads: number;
  readonly signal: AbortSignal;
  report(line: string): void;
}

/** How many times as long as on an idle machine a run may take on a busy one. */
export const DEADLINE_TIMES = 3;

/** Seconds kept for export, judging and pictures, at least, and as a share of the budget. */
const JUDGING_SECONDS = 20;
const JUDGING_SHARE = 0.25;

/** How much of a run of so many minutes is left for judging. */
export function judgingSeconds(minutes: number): number {
  return Math.max(JUDGING_SECONDS, JUDGING_SHARE * 60 * minutes);
}
