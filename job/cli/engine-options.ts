import type { Command } from 'commander'
import { chooseEngine, thisMachine } from '../engine/choose-engine.ts'
import type { Engine } from '../engine/engine.ts'
import { checkEngineRequest, type EngineRequest, engineNames } from '../engine/engine-request.ts'
import { backendNames } from '../engine/tfjs/open-backend.ts'
import { type GpuBackend, type Probe, probeBackends } from '../engine/tfjs/probe-backends.ts'
import { wasmEngine, wasmEngineOn } from '../engine/wasm/wasm-engine.ts'
import { throwIfCancelled, UsageError } from '../errors.ts'
import type { ModelKind } from '../models/model.ts'
import { type CommandContext, oneOf, wholeNumber } from './command.ts'

/** What {@link withEngineOptions} adds to a command's options. */
export interface EngineFlags extends Omit<EngineRequest, 'name'> {
  engine: EngineRequest['name']
}

/** The options of every command that needs an engine; combinations that make no sense are refused before it begins. */
export function withEngineOptions(command: Command): Command {
  return command
    .option(
      '--engine <name>',
      'auto: a GPU if one is found and is faster, else wasm; wasm: the CPU; tfjs; reference: slow, float64',
      oneOf('engine', engineNames),
      'auto',
    )
    .option(
      '--backend <name>',
      'backend of tfjs: tensorflow (CUDA), webgpu (Vulkan), wasm or cpu (default: the first with a GPU, else wasm)',
      oneOf('backend', backendNames),
    )
    .option('--threads <n>', 'threads of the wasm engine (default: all cores)', wholeNumber('threads', 1, 64))
    .option('--require-gpu', 'fail within a minute where no GPU works, instead of taking the CPU')
    .hook('preAction', (_, started) => checkEngineRequest(requestOf(started.opts<EngineFlags>())))
}

/**
 * The engine that the flags ask for. Says which and why, where they leave it open.
 *
 * @param kind what is to run on it: a model that runs on the CPU alone is never asked to take a GPU
 * @throws UsageError where it is
 */
export async function openEngine(
  flags: EngineFlags,
  context: CommandContext,
  { name, runsOn }: Pick<ModelKind, 'name' | 'runsOn'>,
): Promise<Engine> {
  const { progress, signal } = context
  if (runsOn === 'cpu') {
    if (flags.engine === 'tfjs' || flags.backend !== undefined || flags.requireGpu)
      throw new UsageError(`${name} runs on the CPU alone: leave --engine, --backend and --require-gpu out`)
    return flags.threads === undefined ? wasmEngine : wasmEngineOn(flags.threads)
  }
  const { engine, why } = await chooseEngine(requestOf(flags), {
    ...thisMachine,
    probe: async (backends) => {
      const probes = await probeAloud(backends, context)
      // Probes that were cut off found nothing, and nothing is to be made of that.
      throwIfCancelled(signal)
      return probes
    },
  })
  if (flags.engine === 'auto' || flags.engine === 'tfjs') progress.note(`engine ${why}`)
  return engine
}

/** Probes GPUs; what their drivers print is of use to few, and told with `--verbose` alone. */
export async function probeAloud(
  backends: readonly GpuBackend[],
  { progress, signal, verbose }: CommandContext,
): Promise<Probe[]> {
  progress.start('GPU', backends.length, { unit: 'backends' })
  const probes = await probeBackends(backends, { signal })
  progress.end()
  for (const { backend, log } of verbose ? probes : []) {
    for (const line of log.split('\n')) if (line !== '') progress.note(`${backend}: ${line}`)
  }
  return probes
}

function requestOf({ engine, backend, threads, requireGpu }: EngineFlags): EngineRequest {
  return { name: engine, backend, threads, requireGpu }
}
