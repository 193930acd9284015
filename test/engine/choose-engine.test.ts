import { describe, expect, it } from 'vitest'
import { chooseEngine, type Machine, thisMachine } from '../../job/engine/choose-engine.ts'
import type { EngineRequest } from '../../job/engine/engine-request.ts'
import type { BackendName, OpenBackend } from '../../job/engine/tfjs/open-backend.ts'
import type { GpuBackend, Probe } from '../../job/engine/tfjs/probe-backends.ts'

const lacking = (backend: GpuBackend, what: string, fix = `mend ${backend}`): Probe => ({
  backend,
  gpu: false,
  lacks: { what, fix },
  versions: {},
  log: '',
})
const gpu = (backend: GpuBackend, device: string): Probe => ({
  backend,
  gpu: true,
  device,
  versions: {},
  log: '',
})
const nothing = [lacking('tensorflow', 'not installed'), lacking('webgpu', 'not installed')]

/** A machine with two cores on which probes find what is given, and steps take what is given. */
function machine(probes: Probe[], stepMs: Record<string, number | Error> = {}) {
  const asked: string[] = []
  const made: Machine = {
    cores: 2,
    async probe(backends) {
      asked.push(`probe ${backends.join(' ')}`)
      return probes.filter(({ backend }) => backends.includes(backend)).map((probe) => ({ ...probe }))
    },
    async open(backend) {
      asked.push(`open ${backend}`)
      return { name: backend, device: backend === 'tensorflow' ? 'CUDA GPU' : 'CPU' } as OpenBackend
    },
    async time({ name, backend }) {
      asked.push(`time ${backend ?? name}`)
      const ms = stepMs[backend ?? name]
      if (typeof ms === 'number') return ms
      throw ms
    },
  }
  return { asked, choose: (request: EngineRequest) => chooseEngine(request, made) }
}

describe('auto', () => {
  it('takes wasm on all cores where no GPU is found, at once, and says what each backend lacks', async () => {
    const { asked, choose } = machine([
      lacking('tensorflow', 'not installed'),
      lacking('webgpu', 'only a software driver: llvmpipe'),
    ])
    const { engine, why } = await choose({ name: 'auto' })
    expect(engine).toMatchObject({ name: 'wasm', threads: 2 })
    expect(why).toBe(
      'wasm on 2 threads: no GPU (tensorflow: not installed; webgpu: only a software driver: llvmpipe)',
    )
    expect(asked).toEqual(['probe tensorflow webgpu'])
  })

  it('takes the GPU where a step on it is faster, with both figures', async () => {
    const { asked, choose } = machine([nothing[0], gpu('webgpu', 'Some GPU')], { webgpu: 12.34, wasm: 45.6 })
    const { engine, why } = await choose({ name: 'auto' })
    expect(engine).toMatchObject({ name: 'tfjs', backend: 'webgpu', device: 'Some GPU' })
    expect(why).toBe('tfjs on webgpu (Some GPU): 12.3 ms a step, wasm on 2 threads takes 45.6 ms')
    expect(asked).toEqual(['probe tensorflow webgpu', 'open webgpu', 'time webgpu', 'time wasm'])
  })

  it('takes wasm where that is faster than the GPU, on as many threads as asked for', async () => {
    const { choose } = machine([nothing[0], gpu('webgpu', 'Some GPU')], { webgpu: 300, wasm: 45.6 })
    const { engine, why } = await choose({ name: 'auto', threads: 1 })
    expect(engine).toMatchObject({ name: 'wasm', threads: 1 })
    expect(why).toBe('wasm on 1 thread: 45.6 ms a step, tfjs on webgpu (Some GPU) takes 300 ms')
  })

  it('takes TensorFlow before WebGPU, under the name that its probe found', async () => {
    const both = [gpu('tensorflow', 'NVIDIA A10G'), gpu('webgpu', 'NVIDIA A10G')]
    const { asked, choose } = machine(both, { tensorflow: 12, webgpu: 11, wasm: 45 })
    expect((await choose({ name: 'auto' })).engine).toMatchObject({
      backend: 'tensorflow',
      device: 'NVIDIA A10G',
    })
    expect(asked).not.toContain('time webgpu')
  })

  it('goes on to the next GPU, and then to wasm, where a step fails', async () => {
    const both = [gpu('tensorflow', 'One GPU'), gpu('webgpu', 'Some GPU')]
    const first = machine(both, { tensorflow: new Error('lost'), webgpu: 11, wasm: 45 })
    expect((await first.choose({ name: 'auto' })).engine).toMatchObject({ backend: 'webgpu' })
    const none = machine(both, { tensorflow: new Error('lost\nstack'), webgpu: new Error('gone'), wasm: 45 })
    expect((await none.choose({ name: 'auto' })).why).toBe(
      'wasm on 2 threads: no GPU (tensorflow: One GPU fails at a training step: lost; webgpu: Some GPU fails at a training step: gone)',
    )
  })

  it('looks at one backend alone where one is named', async () => {
    const both = [gpu('tensorflow', 'One GPU'), gpu('webgpu', 'Some GPU')]
    const { asked, choose } = machine(both, { tensorflow: 1, webgpu: 11, wasm: 45 })
    expect((await choose({ name: 'auto', backend: 'webgpu' })).engine).toMatchObject({ backend: 'webgpu' })
    expect(asked[0]).toBe('probe webgpu')
  })
})

describe('a GPU that is required', () => {
  it('is an error with every backend and its fix, where none works', async () => {
    const { choose } = machine([
      lacking('tensorflow', 'TensorFlow runs, but sees no GPU', 'install CUDA 11.2'),
      lacking('webgpu', 'no Vulkan driver offers a device', 'install one'),
    ])
    for (const name of ['auto', 'tfjs'] as const) {
      const error = await choose({ name, requireGpu: true }).catch((e) => e)
      expect(error).toMatchObject({ code: 'GPU_REQUIRED', exitCode: 1 })
      expect(error.format()).toBe(
        [
          '[GPU_REQUIRED] a GPU is required (--require-gpu), and none works here',
          'Cause: what each backend lacks:',
          '  tensorflow: TensorFlow runs, but sees no GPU',
          '  webgpu:     no Vulkan driver offers a device',
          'Fix: one of',
          '  tensorflow: install CUDA 11.2',
          '  webgpu:     install one',
        ].join('\n'),
      )
    }
  })

  it('is an error where a step on it fails', async () => {
    const { choose } = machine([nothing[0], gpu('webgpu', 'Some GPU')], {
      webgpu: new Error('lost'),
      wasm: 45,
    })
    await expect(choose({ name: 'auto', requireGpu: true })).rejects.toMatchObject({
      code: 'GPU_REQUIRED',
      why: expect.stringContaining('Some GPU fails at a training step: lost'),
    })
  })

  it('is taken even where wasm is faster, and that is said', async () => {
    const { choose } = machine([nothing[0], gpu('webgpu', 'Some GPU')], { webgpu: 300, wasm: 45.6 })
    const { engine, why } = await choose({ name: 'auto', requireGpu: true })
    expect(engine).toMatchObject({ backend: 'webgpu' })
    expect(why).toBe(
      'tfjs on webgpu (Some GPU): required, though 300 ms a step, and wasm on 2 threads takes 45.6 ms',
    )
  })

  it('is looked for before a backend of tfjs is opened that was named', async () => {
    const { asked, choose } = machine(nothing)
    await expect(choose({ name: 'tfjs', backend: 'webgpu', requireGpu: true })).rejects.toMatchObject({
      code: 'GPU_REQUIRED',
    })
    expect(asked).toEqual(['probe webgpu'])
  })
})

describe('tfjs', () => {
  it('takes the first backend with a GPU: TensorFlow, then WebGPU, then its own wasm', async () => {
    const cases: [Probe[], BackendName, RegExp][] = [
      [
        [gpu('tensorflow', 'One GPU'), gpu('webgpu', 'Some GPU')],
        'tensorflow',
        /\(One GPU\): the first GPU found/,
      ],
      [[nothing[0], gpu('webgpu', 'Some GPU')], 'webgpu', /\(Some GPU\)/],
      [
        nothing,
        'wasm',
        /^tfjs on wasm \(CPU\): no GPU \(tensorflow: not installed; webgpu: not installed\)$/,
      ],
    ]
    for (const [probes, backend, reason] of cases) {
      const { engine, why } = await machine(probes).choose({ name: 'tfjs' })
      expect(engine).toMatchObject({ name: 'tfjs', backend })
      expect(why).toMatch(reason)
    }
  })

  it('opens the backend that was named, whatever it computes on', async () => {
    const { asked, choose } = machine(nothing)
    expect((await choose({ name: 'tfjs', backend: 'cpu' })).engine).toMatchObject({ backend: 'cpu' })
    expect(asked).toEqual(['open cpu'])
  })
})

describe('an engine that was named', () => {
  it('is taken without a look at the machine', async () => {
    const { asked, choose } = machine(nothing)
    expect((await choose({ name: 'wasm', threads: 3 })).engine).toMatchObject({ name: 'wasm', threads: 3 })
    expect((await choose({ name: 'reference' })).engine).toMatchObject({ name: 'reference' })
    expect(asked).toEqual([])
  })

  it('cannot be had with what it does not do', async () => {
    const { asked, choose } = machine(nothing)
    const wrong: [EngineRequest, RegExp][] = [
      [{ name: 'wasm', backend: 'webgpu' }, /--backend is of --engine tfjs or auto, not of wasm/],
      [{ name: 'reference', backend: 'cpu' }, /--backend .* not of reference/],
      [
        { name: 'wasm', requireGpu: true },
        /--require-gpu is of --engine auto or tfjs: wasm never uses a GPU/,
      ],
      [{ name: 'reference', requireGpu: true }, /reference never uses a GPU/],
      [{ name: 'auto', backend: 'cpu' }, /the backend cpu uses none \(want --engine tfjs\)/],
      [{ name: 'tfjs', backend: 'wasm', requireGpu: true }, /the backend wasm uses no GPU/],
    ]
    for (const [request, message] of wrong) {
      await expect(choose(request)).rejects.toMatchObject({
        code: 'USAGE',
        message: expect.stringMatching(message),
      })
    }
    expect(asked).toEqual([])
  })
})

describe('this machine', () => {
  it('times a step of the wasm engine, and gives its memory back', async () => {
    const { engine } = await chooseEngine({ name: 'wasm', threads: 1 })
    let isClosed = false
    const watched = {
      ...engine,
      async create(...made: Parameters<typeof engine.create>) {
        const model = await engine.create(...made)
        const close = model.close.bind(model)
        return Object.assign(model, {
          close() {
            isClosed = true
            close()
          },
        })
      },
    }
    const ms = await thisMachine.time(watched)
    expect(ms).toBeGreaterThan(1)
    expect(ms).toBeLessThan(5000)
    expect(isClosed).toBe(true)
  })
})
