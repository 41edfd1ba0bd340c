import type { Intrinsics } from '../../../msgs/camera/intrinsics.js';
import { type RgbPicture, rgbPicture } from '../../../msgs/picture/rgb-picture.js';

/** A size that no network was made for, so that resizing and padding are tried too. */
export const TRIAL_SIZE = { width: 611, height: 203 } as const;
const { width: WIDTH, height: HEIGHT } = TRIAL_SIZE;

/** Intrinsics of a common camera. */
export const TRIAL_CAMERA: Intrinsics = {
  ...{ fx: 0.58 * WIDTH, fy: 0.58 * WIDTH },
  ...{ cx: WIDTH / 2, cy: HEIGHT / 2 },
};

/** Sky above, ground below, a step in the middle. */
export function smoothPicture(): RgbPicture {
  return drawn((x, y) => {
    const tone = y < HEIGHT / 2 ? 200 - (60 * y) / HEIGHT : 60 + (60 * y) / HEIGHT;
    const shade = x > WIDTH / 3 && x < WIDTH / 2 ? 30 : 0;
    return [tone - shade, tone - shade / 2, tone];
  });
}

/** Pictures from black to white, with every colour at least roughly: they make a network give all that it can. */
export function colourfulPictures(): RgbPicture[] {
  const across = (x: number) => (255 * x) / (WIDTH - 1);
  const down = (y: number) => (255 * y) / (HEIGHT - 1);
  return [
    smoothPicture(),
    drawn((x) => [across(x), across(x), across(x)]),
    drawn((x, y) => [across(x), down(y), 128]),
    drawn((x, y) => [255 - across(x), 128, down(y)]),
  ];
}

function drawn(pixel: (x: number, y: number) => readonly [number, number, number]): RgbPicture {
  const picture = rgbPicture(WIDTH, HEIGHT);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) picture.rgb.set(pixel(x, y), (y * WIDTH + x) * 3);
  }
  return picture;
}
