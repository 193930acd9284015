import { backendPackages, installCommand } from './backend-packages.ts'
import { installedVersions } from './installed-versions.ts'
import type { BackendName } from './open-backend.ts'
import { builtProbe, type ProbeEnd, runProbe } from './probe-process.ts'

/** The backends that compute on GPUs, in the order in which they are preferred. */
export const gpuBackends = ['tensorflow', 'webgpu'] as const satisfies readonly BackendName[]
export type GpuBackend = (typeof gpuBackends)[number]

/** What a GPU backend would do on this machine. */
export interface Probe {
  backend: GpuBackend
  /** Whether it computes, and computes right, on GPU hardware. */
  gpu: boolean
  /** What it computes on, where it computes at all: a GPU's name, a software driver's, or `CPU`. */
  device?: string
  /** Where `gpu` is false: what is missing, in a few words, and what to do about it. */
  lacks?: Lack
  /** Its packages. */
  versions: Record<string, string | undefined>
  /** How long it took to open it and to multiply two small matrices. */
  ms?: number
  /** What the driver printed. */
  log: string
}

interface Lack {
  what: string
  fix: string
}

/** How probing meets the machine. Tests give others. */
export interface ProbeOptions {
  installed?: typeof installedVersions
  program?: string
  limitMs?: number
  signal?: AbortSignal | undefined
}

/**
 * Tries GPU backends, all at once, without any risk to this process: where packages are missing the answer is
 * immediate, else each is opened in a process of its own, for GPU drivers can crash and hang.
 */
export function probeBackends(
  names: readonly GpuBackend[],
  { installed = installedVersions, program = builtProbe(), limitMs = 30_000, signal }: ProbeOptions = {},
): Promise<Probe[]> {
  return Promise.all(
    names.map(async (backend) => {
      const versions = installed(backendPackages[backend])
      const missing = backendPackages[backend].filter((name) => versions[name] === undefined)
      if (missing.length > 0)
        return { backend, gpu: false, lacks: notInstalled(backend, missing, installed), versions, log: '' }
      return { backend, versions, ...judge(backend, await runProbe(program, backend, limitMs, signal)) }
    }),
  )
}

function judge(backend: GpuBackend, end: ProbeEnd): Omit<Probe, 'backend' | 'versions'> {
  const { log } = end
  const failed = (what: string, fix: string = lookCloser) => ({ gpu: false, lacks: { what, fix }, log })
  if ('hungMs' in end)
    return failed(`no answer within ${end.hungMs / 1000} s${lastLine(log)}`, hungFixes[backend])
  if ('crashed' in end) return failed(`its process crashed (${end.crashed})${lastLine(log)}`)
  if ('nonsense' in end) return failed(`its process answered nonsense: ${end.nonsense}`)
  if ('error' in end.reply) return failed(...whyItDoesNotOpen(end.reply.error, end.reply.code))
  const { device, gpu, isRight, ms } = end.reply
  const found = { device: (gpu ? nameInLog(log) : undefined) ?? device, ms, log }
  if (!gpu) return { ...found, gpu, lacks: noHardware(backend, device, log) }
  if (!isRight)
    return { ...found, gpu: false, lacks: { what: `${device} computes wrong results`, fix: lookCloser } }
  return { ...found, gpu }
}

export const lookCloser = 'nightjar doctor --gpu --verbose shows what the driver printed'
const vulkanFix =
  "install the GPU's Vulkan driver and libvulkan1; in a container, pass the GPU in, with NVIDIA_DRIVER_CAPABILITIES=all for NVIDIA"
const hungFixes: Record<GpuBackend, string> = {
  // Kernels that the library does not hold for a newer GPU are compiled when it is first used.
  tensorflow:
    'on a GPU newer than CUDA 11.2 the first start may take minutes: train once with --engine tfjs --backend tensorflow',
  webgpu: lookCloser,
}

function notInstalled(backend: GpuBackend, missing: string[], installed: typeof installedVersions): Lack {
  const some = missing.length < backendPackages[backend].length ? ` (${missing.join(', ')})` : ''
  return { what: `not installed${some}`, fix: installCommand(backend, installed) }
}

function whyItDoesNotOpen(error: string, code: string): [what: string, fix?: string] {
  if (code === 'WEBGPU_NO_ADAPTER') return ['no Vulkan driver offers a device', vulkanFix]
  if (/native addon|tfjs_binding|libtensorflow/.test(error)) {
    return [
      'its native addon does not load, for libtensorflow was not downloaded',
      'npm rebuild @tensorflow/tfjs-node-gpu',
    ]
  }
  return [error.split('\n')[0]]
}

function noHardware(backend: GpuBackend, device: string, log: string): Lack {
  if (backend === 'webgpu') return { what: `only a software driver: ${device}`, fix: vulkanFix }
  const libraries = new Set(
    [...log.matchAll(/Could not load dynamic library '([^']+)'/g)].map(([, name]) => name),
  )
  const lacking = libraries.size === 0 ? '' : ` (not found: ${[...libraries].join(', ')})`
  return {
    what: `TensorFlow runs, but sees no GPU${lacking}`,
    fix: "install the GPU's driver, CUDA 11.2 and cuDNN 8: other versions are not looked for",
  }
}

/** TensorFlow tells a GPU's name in its log alone: `device: 0, name: NVIDIA A10G, pci bus id: ...`. */
function nameInLog(log: string): string | undefined {
  return /name: ([^,\n]+), pci bus id/.exec(log)?.[1]
}

function lastLine(log: string): string {
  const last = log.trim().split('\n').at(-1)?.trim() ?? ''
  return last === '' ? '' : `: ${last.slice(0, 160)}`
}
