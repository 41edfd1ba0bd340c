import { InferenceSession } from '../../../models/onnxruntime.js';
import type { OnnxFile } from '../../onnx/onnx-file.js';
import { readOnnxFile } from '../../onnx/onnx-file.js';
import type { ForeignValue } from '../../onnx/read-model.js';
import { ELEMENT_TYPES } from '../../onnx/tensor-data.js';

/**
 * Reads an ONNX file. Where it does not say which type and number of axes its outputs have, onnxruntime infers them.
 * @throws TrainingError naming the file and what is wrong with it.
 */
export async function readNetworkFile(file: string): Promise<OnnxFile> {
  const onnx = await readOnnxFile(file);
  const { outputs } = onnx.model.graph;
  if (outputs.every(({ elementType, shape }) => elementType !== undefined && shape !== undefined))
    return onnx;
  const inferred = await inferredOutputs(file);
  const graph = {
    ...onnx.model.graph,
    outputs: outputs.map((output) => ({ ...output, ...inferred.get(output.name) })),
  };
  return { ...onnx, model: { ...onnx.model, graph } };
}

/** Empty where onnxruntime cannot open the file: what it says is told when the imported graph is tried. */
async function inferredOutputs(file: string): Promise<ReadonlyMap<string, Partial<ForeignValue>>> {
  const options = { logSeverityLevel: 4, intraOpNumThreads: 1, graphOptimizationLevel: 'disabled' } as const;
  const session = await InferenceSession.create(file, options).catch(() => undefined);
  if (session === undefined) return new Map();
  try {
    return new Map(
      session.outputMetadata.flatMap((output) => {
        if (!output.isTensor) return [];
        const elementType = Object.entries(ELEMENT_TYPES).find(([name]) => name === output.type)?.[1];
        // Without axes: unknown, or one number.
        const shape =
          output.shape.length === 0
            ? undefined
            : output.shape.map((extent) => (extent === '' ? '?' : extent));
        return [[output.name, { ...(elementType && { elementType }), ...(shape && { shape }) }]];
      }),
    );
  } finally {
    await session.release();
  }
}
