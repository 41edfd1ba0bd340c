import { NodeError } from '../errors.js';

/** What a client's text says. @throws NodeError when it is no JSON. */
export function requestJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new NodeError('expected a request in JSON', { cause });
  }
}
