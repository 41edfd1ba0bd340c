import type { ModelRunner } from '../../models/model-runner.js';
import { openBag } from '../../msgs/bag/open-bag.js';
import { maskPicture } from '../../msgs/picture/mask-picture.js';
import { panel } from '../../msgs/picture/panel.js';
import type { RgbPicture } from '../../msgs/picture/rgb-picture.js';
import { writePng } from '../../msgs/picture/write-png.js';
import { pinholeView, viewPicture } from '../../training/adaptation/drive/pinhole-view.js';
import { driveCamera, driveImages } from '../../training/adaptation/drive/read-drive.js';
import { PYRAMID_LEVELS, staticWeight } from '../../training/adaptation/drive/survey.js';
import { PhotometricScore, picturePlanes } from '../../training/adaptation/judge/photometric-score.js';
import { type DepthFrame, depthFrame, directPose } from '../../vision/direct-pose.js';
import { type SlopedLevel, slopedPyramid } from '../../vision/sloped-pyramid.js';

export interface AutoMaskOptions {
  readonly bag: string;
  readonly model: ModelRunner;
  /** File for a panel of the first triplet. */
  readonly picture: string;
  readonly title: string;
  /** Every triplet is one frame, three times. */
  readonly repeat?: boolean;
}

/** Triplets of neighbouring frames, so many frames apart. */
const TRIPLETS = 6;
const APART = 3;

/**
 * Share of the pixels that the auto-mask takes out of the photometric loss (SGDepth, eq. 3), by triplet: a neighbour as it is
 * explains them as well as the better of both warped ones, or better. Depth is the model's, poses are found by direct
 * alignment.
 */
export async function autoMaskShares(options: AutoMaskOptions): Promise<number[]> {
  const { model, repeat = false } = options;
  const reader = await openBag(options.bag);
  const shares: number[] = [];
  try {
    const camera = await driveCamera(reader, {});
    const view = pinholeView(model.manifest.input, camera.model, camera);
    const score = await PhotometricScore.create(view, 1);
    const skipped = { undecodable: 0, outOfOrder: 0 };
    const last = TRIPLETS * APART;
    let held: RgbPicture[] = [];
    for await (const { picture } of driveImages(reader, camera, (index) => index <= last, skipped)) {
      held.push(viewPicture(view, picture));
      if (held.length < (repeat ? 1 : APART)) continue;
      const [before, target = before, after = target] = held;
      held = repeat ? [] : held.slice(APART);
      const { depth, labels } = await model.run(target, view.intrinsics);
      const [grey, ...sources] = [target, before, after].map((each) => slopedPyramid(each, PYRAMID_LEVELS));
      const frame = depthFrame(grey, depth, staticWeight(labels, depth.length), view.intrinsics);
      const [previous, next] = [pose(frame, sources[0], -1), pose(frame, sources[1], 1)];
      if (previous === undefined || next === undefined) continue;
      const pictures = {
        target: picturePlanes(target.rgb),
        previous: picturePlanes(before.rgb),
        next: picturePlanes(after.rgb),
      };
      const { error, still } = await score.run(pictures, depth, { previous, next }, view.intrinsics);
      const mask = Uint8Array.from(error, (value, i) => (value < still[i] ? 0 : 255));
      shares.push(mask.reduce((sum, value) => sum + value / 255, 0) / mask.length);
      if (shares.length === 1) {
        const caption = `masked: ${(100 * shares[0]).toFixed(0)} %`;
        await writePng(
          options.picture,
          panel([
            { caption: options.title, picture: target },
            { caption, picture: maskPicture(target, mask) },
          ]),
        );
      }
      if (shares.length === TRIPLETS) break;
    }
    await score.close();
  } finally {
    await reader.close();
  }
  return shares;
}

function pose(frame: DepthFrame, source: readonly SlopedLevel[], direction: 1 | -1) {
  return directPose(frame, source, direction, 0)?.sourceFromTarget;
}
