import { definitionCodec } from './definition-codec.js';
import { ros2msg } from './definitions.js';
import type { Header } from './header.js';

/** Source: diagnostic_msgs/DiagnosticStatus. */
export const DIAGNOSTIC_LEVEL = { OK: 0, WARN: 1, ERROR: 2, STALE: 3 } as const;

/** diagnostic_msgs/DiagnosticStatus of one component. */
export interface DiagnosticStatus {
  /** One of `DIAGNOSTIC_LEVEL`. */
  readonly level: number;
  readonly name: string;
  readonly message: string;
  readonly hardware_id: string;
  readonly values: readonly { readonly key: string; readonly value: string }[];
}

/** diagnostic_msgs/DiagnosticArray, the type of /diagnostics. */
export interface DiagnosticArray {
  readonly header: Header;
  readonly status: readonly DiagnosticStatus[];
}

export const diagnosticArrayCodec = definitionCodec<DiagnosticArray>(
  'diagnostic_msgs/msg/DiagnosticArray',
  ros2msg('diagnostic_msgs/DiagnosticArray'),
);
