import { NightjarError } from '../../errors.ts'

/** What WebGPU computes on. */
interface AdapterFacts {
  device: string
  gpu: boolean
}

/** What is used of npm's `webgpu`. The package is not there in a default install, and so its types are not. */
interface Dawn {
  globals: object
  create(options: string[]): Gpu
}

interface Gpu {
  requestAdapter(options: { powerPreference: string }): Promise<{
    info: {
      vendor: string
      architecture: string
      device: string
      description: string
      isFallbackAdapter?: boolean
    }
  } | null>
}

/** Drivers that compute on the CPU. They serve to test, never to be fast. */
const softwareDrivers = /swiftshader|llvmpipe|lavapipe|basic render/i

/**
 * Puts WebGPU (Dawn, from npm's `webgpu`) where browsers have it, `navigator.gpu`, for tfjs looks there.
 *
 * @throws NightjarError WEBGPU_NO_ADAPTER where no driver offers a device
 */
export async function offerWebGpu(): Promise<AdapterFacts> {
  const dawn = (await import('webgpu' as string)) as Dawn
  Object.assign(globalThis, dawn.globals)
  // Node has a navigator of its own from 21 on.
  if (globalThis.navigator === undefined) Object.assign(globalThis, { navigator: {} })
  const navigator = globalThis.navigator as Navigator & { gpu?: Gpu }
  if (navigator.gpu === undefined) {
    Object.defineProperty(navigator, 'gpu', { value: dawn.create([]), configurable: true })
  }
  const adapter = await (navigator.gpu as Gpu).requestAdapter({ powerPreference: 'high-performance' })
  if (adapter === null || adapter === undefined) {
    throw new NightjarError('WEBGPU_NO_ADAPTER', {
      what: 'WebGPU finds no device',
      why: 'no Vulkan driver is installed, or the GPU is not visible from here (in a container: was it passed in?)',
      fix: 'install the Vulkan driver of the GPU and libvulkan1; nightjar doctor --gpu looks again',
    })
  }
  const { vendor, architecture, device, description } = adapter.info
  const name = [vendor, architecture, device, description].filter((word) => word !== '').join(' ')
  return {
    device: name || 'unnamed WebGPU device',
    gpu: !adapter.info.isFallbackAdapter && !softwareDrivers.test(name),
  }
}
