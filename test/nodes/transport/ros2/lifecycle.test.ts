import test from 'ava';
import { registerTransitions } from '../../../../nodes/transport/ros2/lifecycle.js';
import type { RclLifecycleNode } from '../../../../nodes/transport/ros2/rclnodejs.js';
import { FakeRos } from '../../fake-ros.js';

test('a transition that the state does not have is refused with an answer, and does not end the process', (t) => {
  const sent: unknown[] = [];
  const nothing = () => {};
  const fake = {
    ...{ registerOnConfigure: nothing, registerOnActivate: nothing, registerOnDeactivate: nothing },
    ...{ registerOnCleanup: nothing, registerOnShutdown: nothing, registerOnError: nothing },
    // As rclnodejs 2.2 has it: native code throws.
    _onChangeState(request: { id: number }, response: { send(answer: unknown): void }) {
      if (request.id !== 1) throw new Error('Transition is not registered., at rcl_lifecycle.c:355');
      response.send({ success: true });
    },
  };
  const log = new FakeRos();
  const yes = () => true;
  registerTransitions(
    // Of the interface only what registerTransitions uses.
    fake as unknown as RclLifecycleNode,
    { configure: yes, activate: yes, deactivate: yes, cleanup: yes, shutdown: yes },
    log.log,
  );
  const response = { template: { success: true }, send: (answer: unknown) => void sent.push(answer) };
  fake._onChangeState({ id: 1 }, response);
  fake._onChangeState({ id: 4 }, response);
  t.deepEqual(sent, [{ success: true }, { success: false }]);
  t.deepEqual(log.said, ['warn a transition was refused: Transition is not registered.']);
});
