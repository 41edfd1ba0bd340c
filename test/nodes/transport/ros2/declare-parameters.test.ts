import test from 'ava';
import { declareParameters } from '../../../../nodes/transport/ros2/declare-parameters.js';
import type {
  Rclnodejs,
  RclParameter,
  RclParameterDescriptor,
  RclPlainNode,
  SetParametersResult,
} from '../../../../nodes/transport/ros2/rclnodejs.js';

const BOOL = 1;
const INTEGER = 2;
const STRING = 4;

/** A node that keeps and checks parameters as rclnodejs 2.2 does, with its own `use_sim_time`. */
function fakeNode() {
  class Parameter implements RclParameter {
    constructor(
      readonly name: string,
      readonly type: number,
      readonly value: unknown,
    ) {}
  }
  class ParameterDescriptor implements RclParameterDescriptor {
    additionalConstraints = '';
    constructor(
      readonly name: string,
      readonly type: number,
    ) {}
    toMessage = () => ({});
    validateParameter = (parameter: RclParameter) => {
      if (parameter.type !== this.type) throw new Error('type');
    };
  }
  const descriptors = [new ParameterDescriptor('use_sim_time', BOOL)];
  let pre = (parameters: readonly RclParameter[]) => parameters;
  let on: (parameters: readonly RclParameter[]) => SetParametersResult = () => ({
    successful: true,
    reason: '',
  });
  const node = {
    declareParameter: (_: RclParameter, descriptor: ParameterDescriptor) => void descriptors.push(descriptor),
    getParameterDescriptors: () => descriptors,
    addPreSetParametersCallback: (callback: typeof pre) => {
      pre = callback;
    },
    addOnSetParametersCallback: (callback: typeof on) => {
      on = callback;
    },
  };
  const set = (name: string, type: number, value: unknown): SetParametersResult => {
    const parameters = pre([new Parameter(name, type, value)]);
    for (const parameter of parameters) {
      try {
        descriptors.find((one) => one.name === parameter.name)?.validateParameter(parameter);
      } catch {
        return { successful: false, reason: `Parameter ${parameter.name} does not  readonly` };
      }
    }
    return on(parameters);
  };
  // The parts of rclnodejs that are used.
  return {
    rcl: { Parameter, ParameterDescriptor } as unknown as Rclnodejs,
    node: node as unknown as RclPlainNode,
    set,
  };
}

test('refusals say what was expected and what arrived, whatever the type of the value', (t) => {
  const { rcl, node, set } = fakeNode();
  const declared = { name: 'threads', type: 'integer', default: 0, description: '' } as const;
  const judged: unknown[] = [];
  declareParameters(rcl, node, [declared], new Map(), (changes) => {
    judged.push(changes.get('threads'));
    return typeof changes.get('threads') === 'number' ? undefined : 'expected a number';
  });
  t.deepEqual(set('threads', INTEGER, 2n), { successful: true, reason: '' });
  t.deepEqual(set('threads', STRING, 'two'), { successful: false, reason: 'expected a number' });
  t.deepEqual(set('threads', 7, [1n, 2n]), { successful: false, reason: 'expected a number' });
  t.deepEqual(judged, [2, 'two', [1, 2]]);
  t.deepEqual(set('use_sim_time', STRING, 'maybe'), {
    successful: false,
    reason: '`use_sim_time`: expected `true | false`, got "maybe"',
  });
  t.deepEqual(set('use_sim_time', BOOL, true), { successful: true, reason: '' });
});
