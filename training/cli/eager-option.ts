import { Option } from 'commander';

/** `--eager`, of every command that trains. */
export function eagerOption(): Option {
  return new Option(
    '--eager <backend>',
    'compute steps by eager TensorFlow.js instead of the compiled graph, on `tfjs-node-gpu`, `tfjs-node`, `wasm`, `cpu` or `auto` (the first of them that loads); slower, for checking',
  );
}
