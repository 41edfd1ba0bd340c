/** sensor_msgs/PointField: where one named channel lies within a point. */
export interface PointField {
  readonly name: string;
  /** Bytes from the start of the point. */
  readonly offset: number;
  /** One of `POINT_DATATYPE`. */
  readonly datatype: number;
  /** Numbers per point; 0 is read as 1, as older drivers wrote it. */
  readonly count: number;
}

/** Source: sensor_msgs/PointField. */
export const POINT_DATATYPE = {
  INT8: 1,
  UINT8: 2,
  INT16: 3,
  UINT16: 4,
  INT32: 5,
  UINT32: 6,
  FLOAT32: 7,
  FLOAT64: 8,
} as const;
