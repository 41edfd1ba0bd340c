import { diagnosticArrayCodec } from '../../msgs/diagnostic-array.js';
import { nsToStamp } from '../../msgs/stamp.js';
import type { RosNode } from '../transport/ros2/ros-node.js';
import { type DiagnosticFacts, diagnosticsOf } from './diagnostics.js';

const TOPIC = '/diagnostics';
const REPORT_MS = 1000;

/** What a report is made of. */
export interface Report extends Omit<DiagnosticFacts, 'node'> {
  /** Frame of the camera; empty before its first image. */
  readonly frameId: string;
}

/** Publishes a node's /diagnostics every second, from its making on: also of one that was never configured, or failed to. */
export class NodeDiagnostics {
  readonly #ros: RosNode;
  readonly #report: () => Report;
  readonly #timer: NodeJS.Timeout;

  constructor(ros: RosNode, report: () => Report) {
    this.#ros = ros;
    this.#report = report;
    ros.announce({ topic: TOPIC, type: diagnosticArrayCodec.type });
    this.#timer = setInterval(() => this.#publish(), REPORT_MS);
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #publish(): void {
    const { frameId, ...facts } = this.#report();
    const ros = this.#ros;
    const logTimeNs = ros.nowNs();
    const header = { stamp: nsToStamp(logTimeNs), frame_id: frameId };
    const cdr = diagnosticArrayCodec.encode(diagnosticsOf(header, { node: ros.name, ...facts }));
    ros
      .publish({ topic: TOPIC, cdr, logTimeNs })
      .catch((error: unknown) => ros.log.error(error instanceof Error ? error.message : String(error)));
  }
}
