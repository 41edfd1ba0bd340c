import type { AdaptationRequest } from './adaptation-request.js';

/** The flags of `addAdaptationFlags` that say a request, for a command that another process runs; to be followed by flags alone. */
export function adaptationArguments({
  method,
  guard = [],
  teacher = [],
  cameraHeight,
}: AdaptationRequest): string[] {
  return [
    ...(method === undefined ? [] : ['--method', method]),
    ...(guard.length === 0 ? [] : ['--guard', ...guard]),
    ...(teacher.length === 0 ? [] : ['--teacher', ...teacher]),
    ...(cameraHeight === undefined ? [] : ['--camera-height', String(cameraHeight)]),
  ];
}
