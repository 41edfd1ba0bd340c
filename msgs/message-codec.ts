/** Turns one ROS 2 message type into CDR bytes and back. */
export interface MessageCodec<T> {
  /** Full type name, e.g. `sensor_msgs/msg/Image`. */
  readonly type: string;
  /** The message definition with its dependencies, in MCAP's `ros2msg` form. */
  readonly definition: string;
  /** Decodes a message. Byte fields are views over `cdr`, never copies. @throws MessageError naming type and field. */
  decode(cdr: Uint8Array): T;
  /** Encodes a message as plain CDR, little endian, with its 4-byte encapsulation header. @throws MessageError naming the field. */
  encode(message: T): Uint8Array;
}
