/** Turns messages of one ROS 2 type into CDR bytes and back. Source: OMG DDS-XTypes 1.3, plain CDR (XCDR1). */
export interface MessageCodec<T> {
  /** Full type name, such as `sensor_msgs/msg/Image`. */
  readonly type: string;
  /** The message definition with its dependencies, in MCAP's `ros2msg` form. */
  readonly definition: string;
  /**
   * Decodes a message. Byte fields are views over `cdr`, never copies: they change with it.
   * @param cdr the whole message with its 4-byte encapsulation header, in either byte order
   * @throws MessageError if the bytes end early or are no such message; it names type and field.
   */
  decode(cdr: Uint8Array): T;
  /**
   * Encodes a message as plain CDR, little endian, with its 4-byte encapsulation header. The bytes are the caller's.
   * @throws MessageError that names the field, if its value cannot be written.
   */
  encode(message: T): Uint8Array;
}
