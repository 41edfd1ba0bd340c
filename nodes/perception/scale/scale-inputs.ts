import type { RigidTransform } from '../../../msgs/camera/rigid-transform.js';
import { TransformTree } from '../../../msgs/camera/transform-tree.js';
import { MessageError } from '../../../msgs/errors.js';
import type { Odometry } from '../../../msgs/odometry.js';
import { stampToNs } from '../../../msgs/stamp.js';
import type { TFMessage } from '../../../msgs/tf-message.js';
import type { LidarScan } from '../motion/motion-protocol.js';

/** A measurement this far from a frame's stamp is not beside it. */
const BESIDE_NS = 100_000_000n;
/** Measurements kept: frames may be a while in flight. */
const MOST_SPEEDS = 400;
const MOST_SCANS = 20;

interface Scan {
  readonly stampNs: bigint;
  readonly frameId: string;
  readonly cdr: Uint8Array;
}

/** What the vehicle measures beside its camera: its speed, LiDAR scans, and where the sensors are mounted. */
export class ScaleInputs {
  readonly #tree = new TransformTree();
  readonly #warn: (text: string) => void;
  #speeds: { readonly stampNs: bigint; readonly speed: number }[] = [];
  #scans: Scan[] = [];

  /** @param warn told what keeps measurements from being used. */
  constructor(warn: (text: string) => void) {
    this.#warn = warn;
  }

  addTransforms(message: TFMessage): void {
    try {
      this.#tree.add(message);
    } catch (error) {
      this.#warn(`/tf_static: ${(error as Error).message}`);
    }
  }

  addOdometry({ header, twist }: Odometry): void {
    const { x, y, z } = twist.twist.linear;
    const speed = Math.hypot(x, y, z);
    if (Number.isFinite(speed)) this.#speeds.push({ stampNs: stampToNs(header.stamp), speed });
    if (this.#speeds.length > MOST_SPEEDS) this.#speeds.shift();
  }

  /** @param cdr kept: a copy where the bytes are used again. */
  addScan(scan: Scan): void {
    this.#scans.push(scan);
    if (this.#scans.length > MOST_SCANS) this.#scans.shift();
  }

  /** Where `camera` is in `base`; undefined, with a warning, while /tf_static does not say. */
  mount(base: string, camera: string): RigidTransform | undefined {
    try {
      return this.#tree.lookup(base, camera);
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      this.#warn(`\`${base}\` is of no use: ${error.message}`);
      return undefined;
    }
  }

  /** Height of `camera` over `base`, metres; undefined while /tf_static does not say. */
  heightOver(base: string, camera: string): number | undefined {
    try {
      return this.#tree.heightOver(base, camera);
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      return undefined;
    }
  }

  /** Metres a second beside a stamp. */
  speedAt(stampNs: bigint): number | undefined {
    return nearest(this.#speeds, stampNs)?.speed;
  }

  /** The scan beside a stamp, and where the LiDAR is seen from the camera's frame. */
  scanAt(stampNs: bigint, cameraFrame: string): LidarScan | undefined {
    const scan = nearest(this.#scans, stampNs);
    if (scan === undefined) return undefined;
    try {
      return { cdr: scan.cdr, cameraFromLidar: this.#tree.lookup(cameraFrame, scan.frameId) };
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      this.#warn(`LiDAR scans cannot be used: ${error.message}`);
      return undefined;
    }
  }
}

function nearest<T extends { readonly stampNs: bigint }>(all: readonly T[], stampNs: bigint): T | undefined {
  let best: T | undefined;
  let least = BESIDE_NS + 1n;
  for (const one of all) {
    const off = one.stampNs > stampNs ? one.stampNs - stampNs : stampNs - one.stampNs;
    if (off < least) [best, least] = [one, off];
  }
  return best;
}
