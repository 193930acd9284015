import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type GpuBackend, gpuBackends, probeBackends } from '../../../job/engine/tfjs/probe-backends.ts'
import { describeWith } from '../../capabilities.ts'
import { tempFolder } from '../../temp-folder.ts'

const everything = (packages: readonly string[]) =>
  Object.fromEntries(packages.map((name) => [name, '1.2.3']))

/** Probes one backend by a made-up program: the body of a module that may call `reply`. */
async function probeBy(body: string, backend: GpuBackend = 'webgpu', limitMs = 20_000) {
  const program = join(await tempFolder(), 'probe.mjs')
  await writeFile(program, `const reply = (value) => process.send(value, () => process.exit())\n${body}`)
  const [probe] = await probeBackends([backend], { installed: everything, program, limitMs })
  return probe
}

describe('a probe', () => {
  it('answers without a process where nothing is installed, and names the npm command', async () => {
    const probes = await probeBackends(gpuBackends, {
      installed: () => ({}),
      program: '/there/is/no/such/program',
    })
    expect(probes.map(({ gpu, lacks }) => ({ gpu, ...lacks }))).toEqual([
      {
        gpu: false,
        what: 'not installed',
        fix: 'npm install --no-save --save-prod @tensorflow/tfjs-node-gpu@4.22.0',
      },
      {
        gpu: false,
        what: 'not installed',
        fix: 'npm install --no-save --save-prod @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-webgpu@4.22.0 webgpu@0.6.2',
      },
    ])
  })

  it('names what is not installed of several packages', async () => {
    const [probe] = await probeBackends(['webgpu'], {
      installed: (packages) => ({ ...everything(packages), webgpu: undefined }),
    })
    expect(probe.lacks?.what).toBe('not installed (webgpu)')
  })

  it('finds hardware that computes right', async () => {
    const probe = await probeBy(`reply({ device: 'Some GPU', gpu: true, isRight: true, ms: 12 })`)
    expect(probe).toMatchObject({ gpu: true, device: 'Some GPU', ms: 12, versions: { webgpu: '1.2.3' } })
    expect(probe.lacks).toBeUndefined()
  })

  it('takes no software driver for a GPU', async () => {
    const probe = await probeBy(`reply({ device: 'SwiftShader driver', gpu: false, isRight: true, ms: 12 })`)
    expect(probe).toMatchObject({
      gpu: false,
      device: 'SwiftShader driver',
      lacks: { what: 'only a software driver: SwiftShader driver', fix: expect.stringContaining('Vulkan') },
    })
  })

  it('takes no GPU that computes wrong results', async () => {
    const probe = await probeBy(`reply({ device: 'Some GPU', gpu: true, isRight: false, ms: 12 })`)
    expect(probe).toMatchObject({ gpu: false, lacks: { what: 'Some GPU computes wrong results' } })
  })

  it('outlives a process that crashes, and keeps what its driver printed last', async () => {
    const probe = await probeBy(`
      console.error('driver 1.0')
      console.error('out of luck')
      process.kill(process.pid, 'SIGSEGV')`)
    expect(probe).toMatchObject({
      gpu: false,
      log: 'driver 1.0\nout of luck\n',
      lacks: { what: 'its process crashed (SIGSEGV): out of luck' },
    })
    expect((await probeBy('process.exitCode = 3')).lacks?.what).toBe('its process crashed (exit code 3)')
  })

  it('gives a process up that never answers, and ends it', async () => {
    // Long enough to start in, on a machine that is busy.
    const probe = await probeBy(`console.error('pid', process.pid); for (;;) {}`, 'webgpu', 4000)
    expect(probe).toMatchObject({
      gpu: false,
      lacks: { what: expect.stringMatching(/^no answer within 4 s: pid/) },
    })
    const pid = Number(/pid (\d+)/.exec(probe.log)?.[1])
    // Signal 0 is none: it only asks whether the process is there.
    await expect.poll(() => isRunning(pid), { timeout: 5000 }).toBe(false)
  })

  it('heeds no junk: not on its output, and not as its answer', async () => {
    const noisy = await probeBy(`
      console.log('{ "gpu": true }')
      console.error('error: XDG_RUNTIME_DIR is invalid')
      reply({ device: 'Some GPU', gpu: true, isRight: true, ms: 12 })`)
    expect(noisy).toMatchObject({ gpu: true, log: 'error: XDG_RUNTIME_DIR is invalid\n' })
    const junk = await probeBy(`reply({ gpu: 'yes' })`)
    expect(junk.lacks?.what).toBe('its process answered nonsense: {"gpu":"yes"}')
    expect((await probeBy(`console.log('{ "gpu": true }')`)).lacks?.what).toContain('exit code 0')
  })

  it('is stopped by the signal, and its process with it', async () => {
    const program = join(await tempFolder(), 'probe.mjs')
    await writeFile(program, 'for (;;) {}')
    const abort = new AbortController()
    const probing = probeBackends(['webgpu'], { installed: everything, program, signal: abort.signal })
    abort.abort()
    expect((await probing)[0].lacks?.what).toContain('cancelled')
  })
})

describe('what a probe says is missing', () => {
  it('of TensorFlow: the native addon', async () => {
    const error = 'The Node.js native addon module (tfjs_binding.node) can not be found at path: /x'
    const { lacks } = await probeBy(`reply({ error: ${JSON.stringify(error)}, code: '' })`, 'tensorflow')
    expect(lacks?.what).toContain('libtensorflow was not downloaded')
    expect(lacks?.fix).toContain('npm rebuild @tensorflow/tfjs-node-gpu')
  })

  it('of TensorFlow: CUDA and cuDNN, and the libraries that it looked for', async () => {
    const { lacks } = await probeBy(
      `console.error("W Could not load dynamic library 'libcudnn.so.8'; dlerror: no such file")
      console.error("W Could not load dynamic library 'libcudnn.so.8'; dlerror: no such file")
      reply({ device: 'CPU', gpu: false, isRight: true, ms: 12 })`,
      'tensorflow',
    )
    expect(lacks?.what).toBe('TensorFlow runs, but sees no GPU (not found: libcudnn.so.8)')
    expect(lacks?.fix).toMatch(/CUDA 11\.2 and cuDNN 8/)
  })

  it('of TensorFlow: nothing, and the GPU has the name that its log tells', async () => {
    const probe = await probeBy(
      `console.error('Created device /device:GPU:0 with 21 MB memory:  -> device: 0, name: NVIDIA A10G, pci bus id: 0')
      reply({ device: 'CUDA GPU', gpu: true, isRight: true, ms: 12 })`,
      'tensorflow',
    )
    expect(probe).toMatchObject({ gpu: true, device: 'NVIDIA A10G' })
  })

  it('of WebGPU: a Vulkan driver', async () => {
    const { lacks } = await probeBy(`reply({ error: 'WebGPU finds no device', code: 'WEBGPU_NO_ADAPTER' })`)
    expect(lacks).toMatchObject({ what: 'no Vulkan driver offers a device' })
  })

  it('of anything else: the first line of the error', async () => {
    const { lacks } = await probeBy(`reply({ error: 'no luck\\nat all', code: 'BACKEND_FAILED' })`)
    expect(lacks).toMatchObject({ what: 'no luck', fix: expect.stringContaining('doctor') })
  })
})

describeWith('webgpu', 'a probe of a real driver', () => {
  it('computes right on SwiftShader, and is told to be software', async () => {
    const before = process.env.VK_ICD_FILENAMES
    process.env.VK_ICD_FILENAMES = '/usr/lib/chromium/vk_swiftshader_icd.json'
    try {
      const [probe] = await probeBackends(['webgpu'])
      expect(probe).toMatchObject({ gpu: false, device: expect.stringMatching(/swiftshader/i) })
      expect(probe.lacks?.what).toContain('only a software driver')
      expect(probe.ms).toBeGreaterThan(0)
    } finally {
      if (before === undefined) delete process.env.VK_ICD_FILENAMES
      else process.env.VK_ICD_FILENAMES = before
    }
  })
})

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
