import { join } from 'node:path'
import type { Probe } from '../engine/tfjs/probe-backends.ts'
import { FileStore } from '../store/file-store.ts'
import type { Check } from './check.ts'
import type { RunTool } from './run-tool.ts'

/** How the drivers are looked for. Tests give other places. */
export interface DriverPlaces {
  platform: string
  env: Record<string, string | undefined>
  /** Where drivers tell Vulkan's loader of themselves. */
  icdFolders: string[]
  /** Where the loader itself may lie. */
  libraryFolders: string[]
}

export const usualPlaces: DriverPlaces = {
  platform: process.platform,
  env: process.env,
  icdFolders: ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d'],
  libraryFolders: [
    ...[
      '/usr/lib/x86_64-linux-gnu',
      '/usr/lib/aarch64-linux-gnu',
      '/usr/lib64',
      '/usr/lib',
      '/usr/local/lib',
    ],
    ...(process.env.LD_LIBRARY_PATH ?? '').split(':').filter((folder) => folder !== ''),
  ],
}

/** The GPUs' drivers, as far as they can be seen without using them. */
export async function driverChecks(runTool: RunTool, places: DriverPlaces): Promise<Check[]> {
  // Elsewhere WebGPU uses what comes with the system.
  const vulkan = places.platform === 'linux' ? [await loaderCheck(places), await icdCheck(places)] : []
  return [await nvidiaCheck(runTool), ...vulkan]
}

async function nvidiaCheck(runTool: RunTool): Promise<Check> {
  const asked = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader']
  const gpus = (await runTool('nvidia-smi', asked))?.trim()
  if (!gpus) {
    return {
      name: 'nvidia',
      mark: 'note',
      text: 'nvidia-smi is not there, or finds no GPU',
      fix: 'for an NVIDIA GPU: install its driver; for a container: docker run --gpus all',
    }
  }
  const cuda = /CUDA Version: *([\d.]+)/.exec((await runTool('nvidia-smi', [])) ?? '')?.[1]
  const list = gpus.split('\n').map((line) => {
    const [name, driver, memory] = line.split(',').map((field) => field.trim())
    return `${name}, ${memory}, driver ${driver}`
  })
  return {
    name: 'nvidia',
    mark: 'ok',
    text: `${list.join('; ')}${cuda === undefined ? '' : `, CUDA up to ${cuda}`}`,
  }
}

async function loaderCheck({ libraryFolders }: DriverPlaces): Promise<Check> {
  for (const folder of libraryFolders) {
    if ((await new FileStore(folder).size('libvulkan.so.1')) !== undefined) {
      return { name: 'libvulkan', mark: 'ok', text: `Vulkan's loader: ${join(folder, 'libvulkan.so.1')}` }
    }
  }
  const fix = 'apt-get install libvulkan1'
  return { name: 'libvulkan', mark: 'note', text: "Vulkan's loader is not found, which webgpu needs", fix }
}

async function icdCheck({ icdFolders, env }: DriverPlaces): Promise<Check> {
  const name = 'vulkan-drivers'
  const chosen = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'].find((variable) => env[variable])
  if (chosen !== undefined) return { name, mark: 'note', text: `Vulkan drivers: ${chosen}=${env[chosen]}` }
  const files: string[] = []
  for (const folder of icdFolders) {
    for (const { key } of await new FileStore(folder).list()) if (key.endsWith('.json')) files.push(key)
  }
  if (files.length > 0) return { name, mark: 'ok', text: `Vulkan drivers: ${files.join(', ')}` }
  return {
    name,
    mark: 'note',
    text: `no Vulkan drivers in ${icdFolders.join(' or ')}, which webgpu needs`,
    fix: "install the GPU's driver with its Vulkan part (for Intel and AMD: mesa-vulkan-drivers)",
  }
}

/** @param wanted whether a GPU was asked about: then it is missing where none works */
export function probeChecks(probes: Probe[], wanted: boolean): Check[] {
  const isMissing = wanted && !probes.some(({ gpu }) => gpu)
  return probes.map(({ backend, gpu, device, ms, lacks }) => {
    if (gpu)
      return {
        name: backend,
        mark: 'ok',
        text: `${backend} computes on ${device} (${Math.round(ms ?? 0)} ms)`,
      }
    return {
      name: backend,
      mark: isMissing ? 'missing' : 'note',
      text: `${backend}: ${lacks?.what}`,
      ...(lacks === undefined ? {} : { fix: lacks.fix }),
    }
  })
}
