import type { TransformStamped } from '../../msgs/tf-message.js';

/** Frame ids of ROS 1 times began with a slash; tf2 takes none with one, and reads those of messages without it. */
export function tfFrame(frame: string): string {
  return frame.replace(/^\//, '');
}

/** The transforms that tf2 takes: without a leading slash, and none of a frame without a name. */
export function usableTransforms(transforms: readonly TransformStamped[]): TransformStamped[] {
  return transforms.flatMap(({ header, child_frame_id, transform }) => {
    const [parent, child] = [tfFrame(header.frame_id), tfFrame(child_frame_id)];
    if (parent === '' || child === '') return [];
    return [{ header: { ...header, frame_id: parent }, child_frame_id: child, transform }];
  });
}
