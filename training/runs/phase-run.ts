import type { HealthMonitor } from './health/health-monitor.js';
import type { Method, Phase } from './method.js';
import type { RunData } from './run-data.js';
import type { RunLog } from './run-log.js';
import type { Run } from './run-setup.js';
import type { RunState } from './run-state.js';

/** One phase of a run, with what all phases share. */
export interface PhaseRun {
  readonly method: Method;
  readonly run: Run;
  readonly state: RunState;
  readonly data: RunData;
  readonly log: RunLog;
  readonly health: HealthMonitor;
  readonly phase: Phase;
  /** The phase's first step, and its place. */
  readonly first: number;
  readonly at: number;
}
