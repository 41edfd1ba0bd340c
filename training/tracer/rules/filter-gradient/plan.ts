import { sizeOf } from '../../../onnx/tensor-data.js';
import type { ConvGeometry } from '../conv-geometry.js';
import { type AxisTaps, matrixSize, type Unfolding, unfoldingCost, whole } from './unfold.js';

/**
 * Which operand is shifted against the other, so that matrix products give all taps of the filter. `image` shifts the image
 * along both axes, `gradient` the gradient of the output. `rows` shifts the image's rows and the gradient's columns,
 * `columns` the other way round.
 */
export type FilterGradientForm = 'image' | 'gradient' | 'rows' | 'columns';

export interface FilterGradientPlan {
  readonly form: FilterGradientForm;
  /** Whether the products sum over the batch too: both operands are brought into the order channels, images first. */
  readonly merged: boolean;
  /** Whether the image's matrix is the left factor: the right one is packed, which costs most where it is large. */
  readonly imageFirst: boolean;
  /** One, or one for each horizontal tap. */
  readonly products: readonly { readonly image: Unfolding; readonly gradient: Unfolding }[];
  /** Elements that have to be written around the products. */
  readonly cost: number;
}

/** What an element of a right factor costs, against one that is copied. */
const PACKING = 0.5;

/** The cheapest way to a filter's gradient. */
export function planFilterGradient(geometry: ConvGeometry): FilterGradientPlan {
  const plans = filterGradientPlans(geometry);
  return plans.reduce((best, plan) => (plan.cost < best.cost ? plan : best));
}

/** Every way there is; `image` always is. */
export function filterGradientPlans(geometry: ConvGeometry): FilterGradientPlan[] {
  const { batch, strides } = geometry;
  const forms: FilterGradientForm[] = ['image'];
  if (strides[1] === 1) forms.push('rows');
  if (strides[0] === 1) forms.push('columns');
  if (strides[0] === 1 && strides[1] === 1) forms.push('gradient');
  const orders = batch === 1 ? [false] : [false, true];
  return forms.flatMap((form) =>
    orders.flatMap((merged) => [false, true].map((imageFirst) => plan(geometry, form, merged, imageFirst))),
  );
}

function plan(
  geometry: ConvGeometry,
  form: FilterGradientForm,
  merged: boolean,
  imageFirst: boolean,
): FilterGradientPlan {
  const { batch, input, output, inChannels, outChannels, kernel } = geometry;
  const images = merged ? { groups: 1, merged: batch } : { groups: batch, merged: 1 };
  const image = (rows: AxisTaps, columns: AxisTaps): Unfolding => ({
    ...images,
    channels: inChannels,
    extents: input,
    rows,
    columns,
  });
  const gradient = (rows: AxisTaps, columns: AxisTaps): Unfolding => ({
    ...images,
    channels: outChannels,
    extents: output,
    rows,
    columns,
  });
  const [rows, columns] = [imageTaps(geometry, 0), imageTaps(geometry, 1)];
  const [gradientRows, gradientColumns] = [gradientTaps(geometry, 0), gradientTaps(geometry, 1)];
  const [inRows, inColumns] = [whole(input[0]), whole(input[1])];
  const [outRows, outColumns] = [whole(output[0]), whole(output[1])];
  const products = {
    image: () => [{ image: image(rows, columns), gradient: gradient(outRows, outColumns) }],
    gradient: () => [{ image: image(inRows, inColumns), gradient: gradient(gradientRows, gradientColumns) }],
    rows: () =>
      each(gradientColumns).map((tap) => ({
        image: image(rows, inColumns),
        gradient: gradient(outRows, tap),
      })),
    columns: () =>
      each(columns).map((tap) => ({
        image: image(inRows, tap),
        gradient: gradient(gradientRows, outColumns),
      })),
  }[form]();
  const operands = new Map(
    products.flatMap((product) => Object.values(product).map((u) => [JSON.stringify(u), u] as const)),
  );
  let cost = [...operands.values()].reduce((sum, u) => sum + unfoldingCost(u), 0);
  if (merged) cost += batch * (inChannels * sizeOf(input) + outChannels * sizeOf(output));
  for (const product of products) cost += PACKING * matrixSize(imageFirst ? product.gradient : product.image);
  // Sums over the batch, the taps of several products side by side, the filter's own order.
  const results = inChannels * outChannels * sizeOf(kernel);
  cost += results * ((images.groups > 1 ? images.groups : 0) + (products.length > 1 ? 2 : 0));
  cost += results * orderingCost(form, imageFirst);
  return { form, merged, imageFirst, products, cost };
}

/** What an element of the result costs where its axes have to be put in order, against one that is copied. */
function orderingCost(form: FilterGradientForm, imageFirst: boolean): number {
  if (imageFirst) return { image: 4, rows: 4, gradient: 2, columns: 10 }[form];
  return { image: 0, rows: 0, gradient: 3, columns: 3 }[form];
}

/** What tap k sees: dw[k] = sum over i of dy[i] x[i stride + k dilation - padding]. */
function imageTaps({ kernel, dilations, padBefore, output, strides }: ConvGeometry, axis: 0 | 1): AxisTaps {
  const offsets = Array.from({ length: kernel[axis] }, (_, k) => k * dilations[axis] - padBefore[axis]);
  return { offsets, count: output[axis], stride: strides[axis] };
}

/** The same seen from the image: dw[k] = sum over j of dy[j + padding - k dilation] x[j], for stride 1. */
function gradientTaps({ kernel, dilations, padBefore, input }: ConvGeometry, axis: 0 | 1): AxisTaps {
  const offsets = Array.from({ length: kernel[axis] }, (_, k) => padBefore[axis] - k * dilations[axis]);
  return { offsets, count: input[axis], stride: 1 };
}

function each({ offsets, ...axis }: AxisTaps): AxisTaps[] {
  return offsets.map((offset) => ({ ...axis, offsets: [offset] }));
}
