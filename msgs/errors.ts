/** Base of every error that `msgs/` throws on purpose; the message says what was expected and what to do. */
export class MessageError extends Error {
  override readonly name: string = 'MessageError';
}
