/** The first line of a message: a decoder says the same many times. */
export function firstLine(message: string): string {
  return message.trim().split('\n', 1).join();
}
