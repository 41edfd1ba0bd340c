/** What an error is about, as far as it is about one thing: for callers, who need not read it out of the message. */
export interface ErrorContext {
  /** File or folder. */
  readonly file?: string | undefined;
  /** Of a bag or of ROS. */
  readonly topic?: string | undefined;
  /** Field of a message, a manifest or a file, parameter, or flag of a command. */
  readonly field?: string | undefined;
}

/** An error that is thrown on purpose; the message says what was expected and what to do. */
export abstract class ContextError extends Error implements ErrorContext {
  /** A literal, by which errors are told apart across copies of the package and threads. */
  abstract override readonly name: string;
  readonly file: string | undefined;
  readonly topic: string | undefined;
  readonly field: string | undefined;

  /** @param about what the error is about, and the error that led to it. */
  constructor(message: string, about: ErrorContext & ErrorOptions = {}) {
    super(message, about);
    this.file = about.file;
    this.topic = about.topic;
    this.field = about.field;
  }
}
