/** The subject of an error, for callers that should not parse its message. A property is absent if it does not apply. */
export interface ErrorContext {
  /** Path of the file or folder. */
  readonly file?: string | undefined;
  /** Topic of a bag or of ROS. */
  readonly topic?: string | undefined;
  /** Name of the field of a message, manifest or file, of the parameter, or of the command's flag. */
  readonly field?: string | undefined;
}

/** A deliberate error. Its message says what was expected and what to do. */
export abstract class ContextError extends Error implements ErrorContext {
  /** A literal that identifies the error across copies of the package and threads. */
  abstract override readonly name: string;
  /** Path of the file or folder that the error is about. */
  readonly file: string | undefined;
  /** Topic that the error is about. */
  readonly topic: string | undefined;
  /** Field, parameter or flag that the error is about. */
  readonly field: string | undefined;

  /**
   * Makes an error.
   * @param message says what was expected, what arrived, and what to do
   * @param about what the error is about; `cause` is the error that led to it
   */
  constructor(message: string, about: ErrorContext & ErrorOptions = {}) {
    super(message, about);
    this.file = about.file;
    this.topic = about.topic;
    this.field = about.field;
  }
}
