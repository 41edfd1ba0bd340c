import test from 'ava';
import { FlowControl } from '../../../../nodes/perception/flow-control.js';
import { HeldSubscription } from '../../../../nodes/transport/ros2/held-subscription.js';
import type { RclPlainNode } from '../../../../nodes/transport/ros2/rclnodejs.js';

/** What HeldSubscription uses of a node: `waits` is what its thread waits for since the last `syncHandles`. */
function fakeNode(subscriptions: object[]) {
  const guards = new Map<object, () => void>();
  const node = {
    ...{ _subscriptions: subscriptions, waits: [...subscriptions], triggered: 0 },
    syncHandles: () => {
      node.waits = [...subscriptions];
    },
    createGuardCondition: (callback: () => void) => {
      const guard = {
        trigger: () => {
          node.triggered += 1;
        },
      };
      guards.set(guard, callback);
      return guard;
    },
    destroyGuardCondition: (guard: object) => void guards.delete(guard),
    /** The node's thread calls back. */
    turn: () => {
      for (const callback of guards.values()) callback();
    },
  };
  return { node, rcl: node as unknown as RclPlainNode };
}

test('a subscription is waited for again when there is room, within a callback of the node', (t) => {
  const [image, other] = [{}, {}];
  const { node, rcl } = fakeNode([image, other]);
  const flow = new FlowControl(1);
  const held = new HeldSubscription(rcl, image, flow);
  held.received();
  t.deepEqual(node.waits, [image, other]);
  flow.enter();
  held.received();
  t.deepEqual(node.waits, [other]);
  flow.leave();
  t.is(node.triggered, 1);
  t.deepEqual(node.waits, [other]);
  node.turn();
  t.is(node.waits.includes(image), true);
});

test('room that somebody else took is waited for again', (t) => {
  const image = {};
  const { node, rcl } = fakeNode([image]);
  const flow = new FlowControl(1);
  const held = new HeldSubscription(rcl, image, flow);
  flow.enter();
  held.received();
  flow.leave();
  flow.enter();
  node.turn();
  t.deepEqual(node.waits, []);
  flow.leave();
  node.turn();
  t.deepEqual(node.waits, [image]);
});

test('after its end nothing is waited for', (t) => {
  const image = {};
  const { node, rcl } = fakeNode([image]);
  const flow = new FlowControl(1);
  const held = new HeldSubscription(rcl, image, flow);
  flow.enter();
  held.received();
  held.end();
  flow.leave();
  node.turn();
  t.is(node.triggered, 0);
  t.deepEqual(node.waits, []);
});
