import type { ModelRunner } from '../../models/model-runner.js';
import { openBag } from '../../msgs/bag/open-bag.js';
import type { Intrinsics } from '../../msgs/camera/intrinsics.js';
import type { RgbPicture } from '../../msgs/picture/rgb-picture.js';
import type { ViewedPicture } from '../../training/adaptation/drive/other-lens.js';
import { pinholeView, viewPicture } from '../../training/adaptation/drive/pinhole-view.js';
import { driveCamera, driveImages } from '../../training/adaptation/drive/read-drive.js';

/** A picture that a model saw, and its neighbours. */
export interface SeenTriplet {
  readonly target: ViewedPicture;
  readonly previous: RgbPicture;
  readonly next: RgbPicture;
  /** From the target to each neighbour. */
  readonly seconds: number;
}

export interface SeenDrive {
  readonly triplets: readonly SeenTriplet[];
  readonly intrinsics: Intrinsics;
  /** Rows of the camera's pictures. */
  readonly rows: number;
}

/** @param count of triplets, spread evenly over the drive. @param spacing frames from a target to its neighbours. */
export async function seenDrive(
  bagPath: string,
  model: ModelRunner,
  { count, spacing }: { readonly count: number; readonly spacing: number },
): Promise<SeenDrive> {
  const bag = await openBag(bagPath);
  try {
    const camera = await driveCamera(bag, {});
    const { input } = model.manifest;
    const view = pinholeView(input, camera.model, camera);
    const images = camera.imageCount ?? 0;
    const targets = Array.from({ length: count }, (_, i) =>
      Math.min(images - 1 - spacing, spacing + Math.floor(((i + 0.5) * (images - 2 * spacing)) / count)),
    );
    const wanted = new Set(targets.flatMap((at) => [at - spacing, at, at + spacing]));
    const seen = new Map<number, { readonly picture: RgbPicture; readonly stampNs: bigint }>();
    const skipped = { undecodable: 0, outOfOrder: 0 };
    for await (const { index, stampNs, picture } of driveImages(
      bag,
      camera,
      (at) => wanted.has(at),
      skipped,
    )) {
      seen.set(index, { picture: viewPicture(view, picture), stampNs });
    }
    const triplets: SeenTriplet[] = [];
    for (const at of targets) {
      const [previous, target, next] = [at - spacing, at, at + spacing].map((index) => seen.get(index));
      if (previous === undefined || target === undefined || next === undefined) continue;
      const { depth, labels } = await model.run(target.picture, view.intrinsics);
      triplets.push({
        target: {
          ...target.picture,
          depthMeters: depth,
          labels: labels ?? new Uint8Array(depth.length).fill(255),
        },
        ...{ previous: previous.picture, next: next.picture },
        seconds: Number(next.stampNs - target.stampNs) / 1e9,
      });
    }
    return { triplets, intrinsics: view.intrinsics, rows: camera.height };
  } finally {
    await bag.close();
  }
}
