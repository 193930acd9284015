import { UsageError } from '../errors.ts'
import type { BackendName } from './tfjs/open-backend.ts'
import { gpuBackends } from './tfjs/probe-backends.ts'

export const engineNames = ['auto', 'wasm', 'tfjs', 'reference'] as const
type EngineName = (typeof engineNames)[number]

/** Which engine is asked for. */
export interface EngineRequest {
  name: EngineName
  /** With `tfjs` the backend to take, with `auto` the only one to look at. */
  backend?: BackendName | undefined
  /** Of the wasm engine; all of the machine's cores if not given. */
  threads?: number | undefined
  /** A GPU or an error, where `auto` and `tfjs` would settle for the CPU. */
  requireGpu?: boolean | undefined
}

/** @throws UsageError for a combination that makes no sense */
export function checkEngineRequest({ name, backend, threads, requireGpu }: EngineRequest): void {
  if (threads !== undefined && (name === 'tfjs' || name === 'reference')) {
    throw new UsageError(`--threads is of --engine wasm or auto, not of ${name}`)
  }
  if (name === 'wasm' || name === 'reference') {
    if (backend !== undefined) throw new UsageError(`--backend is of --engine tfjs or auto, not of ${name}`)
    if (requireGpu)
      throw new UsageError(`--require-gpu is of --engine auto or tfjs: ${name} never uses a GPU`)
  }
  if (backend === undefined || gpuBackends.some((gpu) => gpu === backend)) return
  if (requireGpu) throw new UsageError(`--require-gpu cannot be met: the backend ${backend} uses no GPU`)
  if (name === 'auto') {
    throw new UsageError(
      `--engine auto looks for GPUs, and the backend ${backend} uses none (want --engine tfjs)`,
    )
  }
}
