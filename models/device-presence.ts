import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Device } from './device.js';
import { onnxruntimeFolder, onnxruntimeLibraries } from './onnxruntime-folder.js';

/** Why a device cannot be used, and what to do about it; undefined when nothing speaks against it. */
export type Absence = string | undefined;

export interface DeviceFacts {
  readonly platform: string;
  readonly arch: string;
  /** Whether a file or folder exists. */
  readonly exists: (file: string) => boolean;
  /** Names in a folder, empty when it does not exist. */
  readonly list: (folder: string) => readonly string[];
  /** Folder of onnxruntime's native libraries. */
  readonly libraries: string;
}

/**
 * Why `device` is absent on this machine, judged by files alone. Asking onnxruntime itself prints native error messages, and
 * a software Vulkan adapter would pass for a GPU although it is slower than the CPU provider.
 */
export function deviceAbsence(device: Device, facts: DeviceFacts = machineFacts()): Absence {
  if (device === 'cpu') return undefined;
  return device === 'cuda' ? cudaAbsence(facts) : webgpuAbsence(facts);
}

function cudaAbsence({ platform, arch, exists, libraries }: DeviceFacts): Absence {
  if (platform !== 'linux' || arch !== 'x64') {
    return `onnxruntime-node has a CUDA provider for \`linux/x64\` only, this is ${platform}/${arch}`;
  }
  if (!exists(path.join(libraries, 'libonnxruntime_providers_cuda.so'))) {
    return (
      'the CUDA provider of onnxruntime is not installed; fetch it with `npm run install:cuda` in a checkout, with ' +
      '`npm install onnxruntime-node` beside an installed rxdepth (it also needs the CUDA 12 and cuDNN 9 libraries)'
    );
  }
  if (!exists('/dev/nvidia0') && !exists('/dev/dxg')) {
    return 'there is no NVIDIA GPU (`/dev/nvidia0`); in a container, pass it in with `--gpus all`';
  }
  return undefined;
}

function webgpuAbsence({ platform, exists, list }: DeviceFacts): Absence {
  if (platform !== 'linux') return undefined;
  const renderNode = list('/dev/dri').some((name) => name.startsWith('renderD'));
  if (renderNode || exists('/dev/nvidia0') || exists('/dev/dxg')) return undefined;
  return 'there is no GPU (`/dev/dri/renderD*`, `/dev/nvidia0`); software adapters are slower than the CPU provider';
}

function machineFacts(): DeviceFacts {
  const { platform, arch } = process;
  return {
    platform,
    arch,
    exists: existsSync,
    list: (folder) => (existsSync(folder) ? readdirSync(folder) : []),
    libraries: onnxruntimeLibraries(onnxruntimeFolder(), platform, arch),
  };
}
