import { definitionCodec } from './definition-codec.js';
import { ros2msg } from './definitions.js';
import type { Header } from './header.js';

/** bond/Status: a heartbeat of one side of a bond, by which two processes notice each other's death. */
export interface BondStatus {
  readonly header: Header;
  /** Name of the bond, the same on both sides. */
  readonly id: string;
  /** Name of the side that sends. */
  readonly instance_id: string;
  /** False: this side ends the bond. */
  readonly active: boolean;
  /** Silence after which the other side counts as dead, seconds. */
  readonly heartbeat_timeout: number;
  /** Time between two heartbeats, seconds. */
  readonly heartbeat_period: number;
}

export const bondStatusCodec = definitionCodec<BondStatus>('bond/msg/Status', ros2msg('bond/Status'));
