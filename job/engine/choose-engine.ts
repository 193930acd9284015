import { availableParallelism } from 'node:os'
import { UsageError } from '../errors.ts'
import type { Engine } from './engine.ts'
import { referenceEngine } from './reference/reference-engine.ts'
import { wasmEngineOn } from './wasm/wasm-engine.ts'

const engines: Record<string, (threads: number) => Engine> = {
  auto: wasmEngineOn,
  wasm: wasmEngineOn,
  reference: () => referenceEngine,
}

/**
 * @param threads all of the machine's cores if not given
 * @throws UsageError for a name that no engine has
 */
export function chooseEngine(name: string, threads = availableParallelism()): Engine {
  if (Object.hasOwn(engines, name)) return engines[name](threads)
  throw new UsageError(`unknown engine: ${name} (want ${Object.keys(engines).join(', ')})`)
}
