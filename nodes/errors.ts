/** Base of every error that `nodes/` throws on purpose; the message says what was expected and what to do. */
export class NodeError extends Error {
  override readonly name: string = 'NodeError';
}
