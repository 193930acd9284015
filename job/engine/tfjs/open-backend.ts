import { NightjarError } from '../../errors.ts'
import { installCommand, missingPackages } from './backend-packages.ts'
import { offerWebGpu } from './dawn.ts'

export type Tfjs = typeof import('@tensorflow/tfjs-core')

/** The backends of tfjs that train, the fastest kind first. */
export const backendNames = ['tensorflow', 'webgpu', 'wasm', 'cpu'] as const
export type BackendName = (typeof backendNames)[number]

/** tfjs with one of its backends running. */
export interface OpenBackend {
  name: BackendName
  tf: Tfjs
  /** What it computes on, for people: a GPU's name, or `CPU`. */
  device: string
  /** Whether that is real GPU hardware: software drivers are none. */
  gpu: boolean
}

/**
 * Starts a backend of tfjs in this process.
 *
 * @throws NightjarError BACKEND_MISSING where a package is not installed, BACKEND_FAILED where it does not start
 */
export async function openBackend(name: BackendName): Promise<OpenBackend> {
  try {
    return await open[name]()
  } catch (cause) {
    if (cause instanceof NightjarError) throw cause
    throw openingFailed(name, cause)
  }
}

const open: Record<BackendName, () => Promise<OpenBackend>> = {
  async tensorflow() {
    // Its log of every library that it looks for is of use to the probe alone, which sets this.
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '2'
    const { default: tf } = (await import('@tensorflow/tfjs-node-gpu' as string)) as { default: Tfjs }
    await tf.ready()
    const gpu = (tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true
    return { name: 'tensorflow', tf, device: gpu ? 'CUDA GPU' : 'CPU', gpu }
  },

  async webgpu() {
    // The backend registers itself only where WebGPU is there when it is imported.
    const adapter = await offerWebGpu()
    const tf = await import('@tensorflow/tfjs-core')
    await import('@tensorflow/tfjs-backend-webgpu')
    await start(tf, 'webgpu')
    return { name: 'webgpu', tf, ...adapter }
  },

  async wasm() {
    const tf = await import('@tensorflow/tfjs-core')
    await import('@tensorflow/tfjs-backend-wasm')
    await start(tf, 'wasm')
    return { name: 'wasm', tf, device: 'CPU', gpu: false }
  },

  async cpu() {
    const tf = await import('@tensorflow/tfjs-core')
    await import('@tensorflow/tfjs-backend-cpu')
    await start(tf, 'cpu')
    return { name: 'cpu', tf, device: 'CPU', gpu: false }
  },
}

async function start(tf: Tfjs, name: BackendName): Promise<void> {
  // No advice on other packages, and no checks of every operation.
  tf.enableProdMode()
  if (!(await tf.setBackend(name))) throw new Error(`tfjs cannot start its backend ${name}`)
}

function openingFailed(name: BackendName, cause: unknown): NightjarError {
  const text = cause instanceof Error ? cause.message : String(cause)
  const isMissing = (cause as { code?: string }).code === 'ERR_MODULE_NOT_FOUND'
  const missing = missingPackages(name).join(', ')
  return new NightjarError(isMissing ? 'BACKEND_MISSING' : 'BACKEND_FAILED', {
    what: isMissing
      ? `the tfjs backend ${name} needs what is not installed: ${missing}`
      : `the tfjs backend ${name} does not start: ${text.split('\n')[0]}`,
    ...(isMissing ? { why: 'what only GPUs need is large, so the default install leaves it out' } : {}),
    fix: isMissing ? installCommand(name) : 'nightjar doctor --gpu says what this machine lacks',
    cause,
  })
}
