import { createRequire } from 'node:module';
import type * as OnnxRuntime from 'onnxruntime-common';
import { onnxruntimeFolder } from './onnxruntime-folder.js';
import { silenceTelemetry } from './silence-telemetry.js';

/**
 * onnxruntime, with its telemetry off. The linter lets no other file import it, so that nobody can forget that, or load
 * another copy than the one that was chosen. Its types are those of onnxruntime-common, which an installed package has:
 * onnxruntime-node itself is bundled.
 */
silenceTelemetry();
const loaded = createRequire(import.meta.url)(onnxruntimeFolder()) as typeof OnnxRuntime;

export const { InferenceSession, Tensor } = loaded;

export type InferenceSession = OnnxRuntime.InferenceSession;
export type Tensor = OnnxRuntime.Tensor;
export type OnnxValue = OnnxRuntime.OnnxValue;
export type SessionOptions = OnnxRuntime.InferenceSession.SessionOptions;
export type ExecutionProviderConfig = OnnxRuntime.InferenceSession.ExecutionProviderConfig;
