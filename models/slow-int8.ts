import { readFileSync } from 'node:fs';
import type { Manifest } from './manifest.js';

/** Flags of /proc/cpuinfo of processors that multiply and add bytes in one instruction: x86's VNNI, Arm's dot product. */
const FAST_FLAGS = ['avx512_vnni', 'avx_vnni', 'amx_int8', 'asimddp', 'i8mm'];

/**
 * Why a model that computes in 8 bits gains nothing here, and what to do. It is undefined where it does gain, where it
 * computes in float, and where the system does not tell.
 * @param device that the model runs on: `cpu`, `cuda`, `webgpu`.
 * @param cpuInfo the text of /proc/cpuinfo.
 */
export function slowInt8(
  { quantization }: Pick<Manifest, 'quantization'>,
  device: string,
  cpuInfo = readCpuInfo(),
): string | undefined {
  if (quantization === undefined) return undefined;
  if (device !== 'cpu')
    return `8-bit convolutions are no faster on \`${device}\`; take the float model there`;
  const flags = /^(?:flags|Features)\s*:\s*(.*)$/m.exec(cpuInfo)?.[1]?.split(/\s+/);
  if (flags === undefined || FAST_FLAGS.some((flag) => flags.includes(flag))) return undefined;
  return 'this processor has no VNNI or dot-product instructions: the float model may be as fast, and is more exact';
}

function readCpuInfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return ''; // not Linux
  }
}
