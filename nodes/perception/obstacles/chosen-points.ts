import type { PointCloud2 } from '../../../msgs/point-cloud2.js';
import { layoutPointCloud2, writePointCloud2Around } from '../../../msgs/point-cloud2-layout.js';

/**
 * The CDR message of a cloud of those points of another that are `kind`, field by field as they were, in one row.
 * @param kinds [H, W] of the cloud's points.
 */
export function chosenPoints(cloud: PointCloud2, kinds: Uint8Array, kind: number): Uint8Array {
  const { header, fields, point_step, data, is_bigendian } = cloud;
  let width = 0;
  for (let i = 0; i < kinds.length; i++) if (kinds[i] === kind) width += 1;
  const row_step = width * point_step;
  const layout = layoutPointCloud2({ frame_id: header.frame_id, fields }, 1, row_step);
  const { bufferOffset, byteLength, dataOffset } = layout;
  const cdr = new Uint8Array(new ArrayBuffer(bufferOffset + byteLength), bufferOffset, byteLength);
  let to = dataOffset;
  for (let i = 0; i < kinds.length; i++) {
    if (kinds[i] !== kind) continue;
    const from = i * point_step;
    for (let byte = 0; byte < point_step; byte++) cdr[to++] = data[from + byte] as number;
  }
  writePointCloud2Around(cdr, {
    ...{ header, fields, point_step, row_step, is_bigendian, height: 1, width, is_dense: true },
  });
  return cdr;
}
