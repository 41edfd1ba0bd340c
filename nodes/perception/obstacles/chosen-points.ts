import type { PointCloud2 } from '../../../msgs/point-cloud2.js';
import { layoutPointCloud2, writePointCloud2Around } from '../../../msgs/point-cloud2-layout.js';
import { cloudWords } from './cloud-words.js';

/**
 * The CDR message of a cloud of those points of another that are `kind`, field by field as they were, in one row.
 * @param cloud of this project: its points are whole words. @param kinds [H, W] of the cloud's points.
 */
export function chosenPoints(cloud: PointCloud2, kinds: Uint8Array, kind: number): Uint8Array {
  const { header, fields, point_step, is_bigendian } = cloud;
  let width = 0;
  for (let i = 0; i < kinds.length; i++) if (kinds[i] === kind) width += 1;
  const row_step = width * point_step;
  const layout = layoutPointCloud2({ frame_id: header.frame_id, fields }, 1, row_step);
  const { bufferOffset, byteLength, dataOffset } = layout;
  const cdr = new Uint8Array(new ArrayBuffer(bufferOffset + byteLength), bufferOffset, byteLength);
  const from = cloudWords(cloud).words;
  const into = new Uint32Array(cdr.buffer, bufferOffset + dataOffset, row_step / 4);
  const step = point_step / 4;
  let to = 0;
  for (let i = 0; i < kinds.length; i++) {
    if (kinds[i] !== kind) continue;
    for (let word = i * step; word < (i + 1) * step; word++) into[to++] = from[word] as number;
  }
  writePointCloud2Around(cdr, {
    ...{ header, fields, point_step, row_step, is_bigendian, height: 1, width, is_dense: true },
  });
  return cdr;
}
