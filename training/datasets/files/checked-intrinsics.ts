import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import { TrainingError } from '../../errors.js';

/**
 * Intrinsics as a data set's file has them, pixels.
 * @throws TrainingError naming the file where a focal length is not above 0 or a number is none.
 */
export function checkedIntrinsics(file: string, { fx, fy, cx, cy }: Intrinsics): Intrinsics {
  if (fx > 0 && fy > 0 && [fx, fy, cx, cy].every(Number.isFinite)) return { fx, fy, cx, cy };
  throw new TrainingError(
    `${file}: expected focal lengths above \`0\` pixels and a centre, got fx ${fx}, fy ${fy}, cx ${cx}, cy ${cy}.`,
    { file },
  );
}
