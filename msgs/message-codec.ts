/** Turns one ROS 2 message type into CDR bytes and back. */
export interface MessageCodec<T> {
  /** Full type name, e.g. `sensor_msgs/msg/Image`. */
  readonly type: string;
  /** The message definition with its dependencies, concatenated as `ros2msg` schemas in MCAP want it. */
  readonly definition: string;
  /** Byte fields are views over `cdr`, never copies. Throws MessageError naming type and field. */
  decode(cdr: Uint8Array): T;
  /** Plain CDR, little endian, with its 4-byte encapsulation header. */
  encode(message: T): Uint8Array;
}
