import { availableParallelism } from 'node:os'
import { systemClock } from '../clock.ts'
import { NightjarError } from '../errors.ts'
import type { Engine } from './engine.ts'
import { checkEngineRequest, type EngineRequest } from './engine-request.ts'
import { referenceEngine } from './reference/reference-engine.ts'
import { type BackendName, type OpenBackend, openBackend } from './tfjs/open-backend.ts'
import { type GpuBackend, gpuBackends, lookCloser, type Probe, probeBackends } from './tfjs/probe-backends.ts'
import { tfjsEngine } from './tfjs/tfjs-engine.ts'
import { timeStep } from './time-step.ts'
import { wasmEngineOn } from './wasm/wasm-engine.ts'

/** What was found out about this machine: a test gives its own findings. */
export interface Machine {
  cores: number
  probe(backends: readonly GpuBackend[]): Promise<Probe[]>
  open(backend: BackendName): Promise<OpenBackend>
  /** Milliseconds of a training step. */
  time(engine: Engine): Promise<number>
}

export interface ChosenEngine {
  engine: Engine
  /** Which engine and why, in one line. */
  why: string
}

export const thisMachine: Machine = {
  cores: availableParallelism(),
  probe: probeBackends,
  open: openBackend,
  time: (engine) => timeStep(engine, systemClock),
}

/**
 * @throws UsageError for a combination that makes no sense
 * @throws NightjarError GPU_REQUIRED where a GPU is required and none works
 */
export async function chooseEngine(request: EngineRequest, machine = thisMachine): Promise<ChosenEngine> {
  checkEngineRequest(request)
  const wasm = wasmEngineOn(request.threads ?? machine.cores)
  switch (request.name) {
    case 'wasm':
      return { engine: wasm, why: `${describe(wasm)}: as asked for` }
    case 'reference':
      return { engine: referenceEngine, why: 'reference: as asked for' }
    case 'tfjs':
      return chooseBackend(request, machine)
    case 'auto':
      return chooseFastest(request, machine, wasm)
  }
}

/** The backend that was asked for; else the first one with a GPU, and without any, tfjs's own wasm. */
async function chooseBackend(request: EngineRequest, machine: Machine): Promise<ChosenEngine> {
  const { backend, requireGpu } = request
  if (backend !== undefined && !requireGpu) {
    const engine = tfjsEngine(await machine.open(backend))
    return { engine, why: `${describe(engine)}: as asked for` }
  }
  const probes = await machine.probe(candidates(backend))
  const found = probes.find((probe) => probe.gpu)
  if (found !== undefined) {
    const engine = await openGpu(found, machine)
    return {
      engine,
      why: `${describe(engine)}: ${requireGpu ? 'a GPU was required' : 'the first GPU found'}`,
    }
  }
  if (requireGpu) throw gpuRequired(probes)
  const engine = tfjsEngine(await machine.open('wasm'))
  return { engine, why: `${describe(engine)}: ${noGpu(probes)}` }
}

/** A GPU where there is one and a step on it takes less time than on all cores; else the cores. */
async function chooseFastest(request: EngineRequest, machine: Machine, wasm: Engine): Promise<ChosenEngine> {
  const probes = await machine.probe(candidates(request.backend))
  const gpu = await firstTimed(probes, machine)
  if (gpu === undefined) {
    if (request.requireGpu) throw gpuRequired(probes)
    return { engine: wasm, why: `${describe(wasm)}: ${noGpu(probes)}` }
  }
  const wasmMs = await machine.time(wasm)
  const onGpu = `${gpu.ms.toPrecision(3)} ms a step`
  const onWasm = `${wasmMs.toPrecision(3)} ms`
  const [gpuName, wasmName] = [describe(gpu.engine), describe(wasm)]
  if (gpu.ms <= wasmMs) {
    return { engine: gpu.engine, why: `${gpuName}: ${onGpu}, ${wasmName} takes ${onWasm}` }
  }
  return request.requireGpu
    ? { engine: gpu.engine, why: `${gpuName}: required, though ${onGpu}, and ${wasmName} takes ${onWasm}` }
    : { engine: wasm, why: `${wasmName}: ${onWasm} a step, ${gpuName} takes ${gpu.ms.toPrecision(3)} ms` }
}

/** The first GPU on which a step succeeds. A probe whose GPU fails there after all is told so. */
async function firstTimed(
  probes: Probe[],
  machine: Machine,
): Promise<{ engine: Engine; ms: number } | undefined> {
  for (const probe of probes.filter(({ gpu }) => gpu)) {
    try {
      const engine = await openGpu(probe, machine)
      return { engine, ms: await machine.time(engine) }
    } catch (error) {
      probe.gpu = false
      probe.lacks = {
        what: `${probe.device} fails at a training step: ${(error as Error).message.split('\n')[0]}`,
        fix: lookCloser,
      }
    }
  }
  return undefined
}

const candidates = (backend: BackendName | undefined) =>
  gpuBackends.filter((name) => backend === undefined || name === backend)

async function openGpu({ backend, device }: Probe, machine: Machine): Promise<Engine> {
  const opened = await machine.open(backend)
  // The probe may know the name better: it could read what the driver printed.
  return tfjsEngine({ ...opened, device: device ?? opened.device })
}

/** `wasm on 2 threads`, `tfjs on webgpu (NVIDIA A10G)`. */
function describe({ name, threads, backend, device }: Engine): string {
  if (backend !== undefined) return `${name} on ${backend} (${device})`
  return `${name} on ${threads} thread${threads === 1 ? '' : 's'}`
}

function noGpu(probes: Probe[]): string {
  return `no GPU (${probes.map(({ backend, lacks }) => `${backend}: ${lacks?.what}`).join('; ')})`
}

function gpuRequired(probes: Probe[]): NightjarError {
  const list = (part: 'what' | 'fix') =>
    probes.map(({ backend, lacks }) => `\n  ${`${backend}:`.padEnd(11)} ${lacks?.[part]}`).join('')
  return new NightjarError('GPU_REQUIRED', {
    what: 'a GPU is required (--require-gpu), and none works here',
    why: `what each backend lacks:${list('what')}`,
    fix: `one of${list('fix')}`,
  })
}
