import { randomUUID } from 'node:crypto';
import type { Subscription } from 'rxjs';
import { type BondStatus, bondStatusCodec } from '../../msgs/bond-status.js';
import { nsToStamp } from '../../msgs/stamp.js';
import { isPackageInstalled } from '../transport/ros2/installed-package.js';
import type { QosProfile } from '../transport/ros2/qos.js';
import type { RosNode } from '../transport/ros2/ros-node.js';

/** Where Nav2's lifecycle manager speaks, in the root namespace; remap it for a manager in another one. */
const TOPIC = '/bond';
/** Source: bondcpp/src/bond.cpp. */
const HEARD_QOS: QosProfile = { reliability: 'reliable', durability: 'volatile', depth: 100 };
const SAID_QOS: QosProfile = { reliability: 'reliable', durability: 'volatile', depth: 5 };
/** Bounds of a heartbeat's period that another side may ask for, milliseconds. */
const SHORTEST_MS = 20;
const LONGEST_MS = 1000;
/** Heartbeats of another manager, with none of the known one between them, after which that one is gone. */
const GONE_AFTER = 10;

/** The side of the manager that is answered. */
interface Sister {
  readonly instance: string;
  /** As the manager calls the node. */
  readonly id: string;
  readonly timer: NodeJS.Timeout;
  /** Heartbeats of others since its last one. */
  others: number;
}

/**
 * The bond that Nav2's lifecycle manager forms with each of its nodes while they are active, to bring all down when one dies.
 *
 * Other nodes begin it themselves, under their name. This one answers: it takes a bond whose id means this node, read as the
 * manager reads `node_names`, relative to its own namespace. So nothing has to be set, and several managers in a row are answered.
 * It never takes the manager for dead, as Nav2's nodes do not. Where the package `bond` is not installed there is no bond.
 *
 * Source: bondcpp/src/bond.cpp and bond/BondSM.sm of ros/bond_core; nav2_util/src/lifecycle_node.cpp and
 * nav2_lifecycle_manager/src/lifecycle_manager.cpp of navigation2.
 */
export class LifecycleBond {
  readonly #ros: RosNode;
  readonly #isInstalled: () => boolean;
  #instance = '';
  #heard: Subscription | undefined;
  #sister: Sister | undefined;

  /** @param isInstalled whether the package of the messages is there */
  constructor(ros: RosNode, isInstalled = () => isPackageInstalled('bond')) {
    this.#ros = ros;
    this.#isInstalled = isInstalled;
  }

  /** From now on the node is active. */
  begin(): void {
    if (this.#heard !== undefined || !this.#isInstalled()) return;
    const { type } = bondStatusCodec;
    try {
      this.#ros.announce({ topic: TOPIC, type }, SAID_QOS);
    } catch (error) {
      this.#ros.log.warn(`no bond with a lifecycle manager: ${(error as Error).message}`);
      return;
    }
    this.#instance = randomUUID();
    this.#heard = this.#ros.messages<BondStatus>(TOPIC, type, HEARD_QOS).subscribe({
      next: ({ message }) => this.#hear(message),
      error: (error: unknown) => this.#ros.log.error(`${TOPIC}: ${String(error)}`),
    });
  }

  /** The node is active no more: a manager that did not ask for it hears so at once. */
  end(): void {
    if (this.#heard === undefined) return;
    const sister = this.#sister;
    this.#forget();
    if (sister !== undefined) this.#say(sister.id, false);
    this.#heard.unsubscribe();
    this.#heard = undefined;
    this.#ros.withdraw(TOPIC);
  }

  #hear(status: BondStatus): void {
    if (status.instance_id === this.#instance || !this.#isMeant(status.id)) return;
    const sister = this.#sister;
    const isKnown = sister?.instance === status.instance_id;
    if (status.active) {
      if (sister === undefined) this.#answer(status);
      else if (isKnown) sister.others = 0;
      else if (++sister.others >= GONE_AFTER) this.#answer(status);
    } else if (isKnown) {
      this.#ros.log.info(`the lifecycle manager ended the bond \`${status.id}\``);
      this.#forget();
      this.#say(status.id, false);
    }
  }

  #answer({ id, instance_id: instance, heartbeat_period }: BondStatus): void {
    this.#forget();
    this.#ros.log.info(`a lifecycle manager formed the bond \`${id}\``);
    const askedMs = Number.isFinite(heartbeat_period) ? heartbeat_period * 1000 : LONGEST_MS;
    const periodMs = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, askedMs));
    const timer = setInterval(() => this.#say(id, true, periodMs), periodMs);
    timer.unref();
    this.#sister = { instance, id, timer, others: 0 };
    this.#say(id, true, periodMs);
  }

  #forget(): void {
    clearInterval(this.#sister?.timer);
    this.#sister = undefined;
  }

  /** Whether an id names this node for a manager in the namespace of the topic. */
  #isMeant(id: string): boolean {
    const namespace = this.#ros.resolve(TOPIC).replace(/[^/]+$/, '');
    return (id.startsWith('/') ? id : `${namespace}${id}`) === this.#ros.name;
  }

  #say(id: string, active: boolean, periodMs = LONGEST_MS): void {
    const logTimeNs = this.#ros.nowNs();
    const cdr = bondStatusCodec.encode({
      header: { stamp: nsToStamp(logTimeNs), frame_id: '' },
      ...{ id, instance_id: this.#instance, active },
      // Of Nav2's nodes.
      ...{ heartbeat_timeout: 4, heartbeat_period: periodMs / 1000 },
    });
    this.#ros
      .publish({ topic: TOPIC, cdr, logTimeNs })
      .catch((error: unknown) => this.#ros.log.error(`${TOPIC}: ${String(error)}`));
  }
}
