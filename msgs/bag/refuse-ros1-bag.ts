import { open } from 'node:fs/promises';
import { MessageError } from '../errors.js';

/** The first line of ROS 1 bags: `#ROSBAG V2.0`, before 2010 `#ROSRECORD V1.1`. */
const MAGIC = /^#(ROSBAG|ROSRECORD) V[\d.]+/;
const MAGIC_LENGTH = 20;

/** @throws MessageError with the command that converts it, when the file is a bag of ROS 1, whatever it is called. */
export async function refuseRos1Bag(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC_LENGTH), 0, MAGIC_LENGTH, 0);
    const [magic] = MAGIC.exec(buffer.toString('latin1', 0, bytesRead)) ?? [];
    if (magic === undefined) return;
    const target = path.replace(/(\.bag)?$/, '_ros2');
    throw new MessageError(
      `\`${path}\` is a bag of ROS 1 (${magic}); convert it: \`pip install rosbags && rosbags-convert --src ${path} --dst ${target}\``,
      { file: path },
    );
  } finally {
    await file.close();
  }
}
