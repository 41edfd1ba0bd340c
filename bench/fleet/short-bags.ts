import path from 'node:path';
import { CAMERA_INFO, IMAGE, logTime, writeTestBag } from '../../test/nodes/test-bag.js';
import { testImage, testInfo } from '../../test/nodes/test-messages.js';

/** Writes bags of one picture each, no two the same. @returns their folders. */
export async function writeShortBags(root: string, count: number): Promise<string[]> {
  const bags: string[] = [];
  for (let i = 0; i < count; i++) {
    const stamp = { stampNs: logTime(i) };
    const bag = path.join(root, `bag-${String(i).padStart(4, '0')}`);
    await writeTestBag(bag, [
      { topic: '/camera/image', type: IMAGE, logTimeNs: logTime(i), message: testImage(stamp) },
      { topic: '/camera/camera_info', type: CAMERA_INFO, logTimeNs: logTime(i), message: testInfo(stamp) },
    ]);
    bags.push(bag);
  }
  return bags;
}
