import { z } from 'zod';

/** What an evaluation says of a bag, so that it can be added up over bags in any order. */
export const EVALUATION_FACTS = z.object({
  /** Images with true depth. */
  images: z.number(),
  /** Sum of each metric over the images. */
  sums: z.record(z.string(), z.number().nullable()),
  /** By class set: mIoU added over bags, and the labelled pixels. */
  labels: z.record(z.string(), z.object({ bags: z.number(), sum: z.number(), pixels: z.number() })),
});
export type EvaluationFacts = z.infer<typeof EVALUATION_FACTS>;

export interface ReducedEvaluation {
  /** Bags with figures. */
  readonly bags: number;
  /** Mean over all images of all bags, each image weighing the same; absent without any. */
  readonly depth?: { readonly images: number } & Readonly<Record<string, number>>;
  /** By class set: the mean of the bags' mIoU, each bag weighing the same. */
  readonly meanIouOfBags: Readonly<Record<string, { readonly bags: number; readonly meanIou: number }>>;
}

/** Adds up what was said of bags: in any order, and of parts that were added up before. */
export function addFacts(all: readonly EvaluationFacts[]): EvaluationFacts {
  const total: EvaluationFacts = { images: 0, sums: {}, labels: {} };
  for (const { images, sums, labels } of all) {
    total.images += images;
    for (const [name, sum] of Object.entries(sums))
      total.sums[name] = (total.sums[name] ?? 0) + (sum ?? Number.NaN);
    for (const [name, { bags, sum, pixels }] of Object.entries(labels)) {
      const before = total.labels[name] ?? { bags: 0, sum: 0, pixels: 0 };
      total.labels[name] = {
        bags: before.bags + bags,
        sum: before.sum + sum,
        pixels: before.pixels + pixels,
      };
    }
  }
  return total;
}

/** One evaluation of many bags. */
export function reduceEvaluation(all: readonly EvaluationFacts[]): ReducedEvaluation {
  const { images, sums, labels } = addFacts(all);
  const means = Object.entries(sums).map(([name, sum]) => [name, (sum ?? Number.NaN) / images] as const);
  return {
    bags: all.length,
    ...(images > 0 && { depth: { ...Object.fromEntries(means), images } }),
    meanIouOfBags: Object.fromEntries(
      Object.entries(labels).map(([name, { bags, sum }]) => [name, { bags, meanIou: sum / bags }]),
    ),
  };
}
