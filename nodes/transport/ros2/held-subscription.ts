import type { RclPlainNode } from './rclnodejs.js';
import type { Demand } from './ros-node.js';

/**
 * Leaves a subscription's messages with DDS while there is no demand for them. Taking a 6 MB image costs milliseconds, and memory
 * that the garbage collector has to find. DDS keeps the newest of the messages that a busy node would drop, at no cost.
 *
 * rclnodejs 2.2 has no way of its own: the subscription is taken off the list of those that its thread waits for. That may
 * only happen within a callback of the node, while that thread stands still; elsewhere the list is locked until it wakes.
 */
export class HeldSubscription {
  readonly #node: RclPlainNode;
  readonly #subscription: object;
  readonly #demand: Demand;
  /** Its callback is one of the node's. */
  readonly #woken: ReturnType<RclPlainNode['createGuardCondition']>;
  #cancel: (() => void) | undefined;

  constructor(node: RclPlainNode, subscription: object, demand: Demand) {
    this.#node = node;
    this.#subscription = subscription;
    this.#demand = demand;
    this.#woken = node.createGuardCondition(() => this.#resume());
  }

  /** To be called within the subscription's callback, when the message was handed on. */
  received(): void {
    const { _subscriptions: waitedFor } = this.#node;
    const index = waitedFor?.indexOf(this.#subscription) ?? -1;
    if (this.#demand.open || index < 0) return;
    waitedFor?.splice(index, 1);
    this.#node.syncHandles();
    this.#await();
  }

  /** Before the subscription is destroyed. */
  end(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#node.destroyGuardCondition(this.#woken);
  }

  #await(): void {
    this.#cancel = this.#demand.onRoom(() => this.#woken.trigger());
  }

  #resume(): void {
    if (this.#cancel === undefined) return;
    if (!this.#demand.open) {
      this.#await();
      return;
    }
    this.#cancel = undefined;
    this.#node._subscriptions?.push(this.#subscription);
    this.#node.syncHandles();
  }
}
