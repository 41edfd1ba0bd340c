import { type Intrinsics, scaleIntrinsics } from '../../../msgs/camera/intrinsics.js';
import type { FrameFiles } from './frame-files.js';
import { pictureSize } from './picture-size.js';

/** Files that are read at the same time. */
const AT_ONCE = 16;

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Frames whose intrinsics belong to pictures of the published size, with intrinsics of the pictures that are there. Copies of
 * another size count as resized as a whole, each axis by itself. A crop cannot be told from that, so the sentences say it.
 * Intrinsics stay whose principal point is nearer to the middle of the picture that is there. Somebody made them to go with it.
 * @returns also one sentence for `FrameSet.missing` where pictures have another size.
 * @throws TrainingError naming a picture that has no size.
 */
export async function fitIntrinsics(
  frames: readonly FrameFiles[],
  published: Size,
): Promise<{ readonly frames: FrameFiles[]; readonly missing: string[] }> {
  const fitted: FrameFiles[] = [];
  const others: string[] = [];
  if (frames.every(({ intrinsics }) => intrinsics === undefined)) return { frames: [...frames], missing: [] };
  for (let at = 0; at < frames.length; at += AT_ONCE) {
    const some = frames.slice(at, at + AT_ONCE);
    const sizes = await Promise.all(some.map(({ picture }) => pictureSize(picture)));
    for (const [i, frame] of some.entries()) {
      const { width, height } = sizes[i] ?? published;
      const isPublished = width === published.width && height === published.height;
      if (
        frame.intrinsics === undefined ||
        isPublished ||
        isCentredIn(frame.intrinsics, { width, height }, published)
      ) {
        fitted.push(frame);
        continue;
      }
      others.push(`${width} x ${height}`);
      const [sx, sy] = [width / published.width, height / published.height];
      fitted.push({ ...frame, intrinsics: scaleIntrinsics(frame.intrinsics, sx, sy) });
    }
  }
  const [first] = others;
  if (first === undefined) return { frames: fitted, missing: [] };
  return {
    frames: fitted,
    missing: [
      `${published.width} x ${published.height} pixels, as published, of ${others.length} of ${frames.length} pictures (the first of these has \`${first}\`): their ` +
        'intrinsics are scaled as for copies resized as a whole; metres are wrong if they were cropped',
    ],
  };
}

/** Whether the principal point lies nearer to the middle of one picture than to that of another, as shares of their sizes. */
function isCentredIn({ cx, cy }: Intrinsics, one: Size, other: Size): boolean {
  const offset = ({ width, height }: Size) => Math.hypot((cx + 0.5) / width - 0.5, (cy + 0.5) / height - 0.5);
  return offset(one) < offset(other);
}
