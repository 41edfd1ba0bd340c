/** Size of pictures, pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * How much larger than the network's pictures the largest crop of a stored one is: NYUv2's 288 rows for crops of 256.
 * Source: adversarial-depth, section 4.
 */
const MARGIN = 288 / 256;

/** Width of random crops, share of the largest. */
export const PAIRED_CROP: readonly [number, number] = [1 / MARGIN, 1];

/** The size at which whole pictures are stored, to be cropped at random. @param network size of its pictures. */
export function pairedSize(picture: Size, network: Size): Size {
  const scale = MARGIN * Math.max(network.width / picture.width, network.height / picture.height);
  return { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale) };
}
