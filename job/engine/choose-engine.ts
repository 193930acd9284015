import { UsageError } from '../errors.ts'
import type { Engine } from './engine.ts'
import { referenceEngine } from './reference/reference-engine.ts'
import { wasmEngine } from './wasm/wasm-engine.ts'

const engines: Record<string, Engine> = {
  auto: wasmEngine,
  wasm: wasmEngine,
  reference: referenceEngine,
}

/** @throws UsageError for a name that no engine has */
export function chooseEngine(name: string): Engine {
  const engine = Object.hasOwn(engines, name) ? engines[name] : undefined
  if (engine !== undefined) return engine
  throw new UsageError(`unknown engine: ${name} (want ${Object.keys(engines).join(', ')})`)
}
