import { referenceEngine } from '../../job/engine/reference/reference-engine.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { engineContract } from './engine-contract.ts'

// The reference against itself: what the contract asks of an engine beside being right. Its state is float32, so what
// is loaded is not to the bit what was held.
engineContract('reference', async () => ({ engine: referenceEngine, tolerance: 1e-7, bitwise: false }))

for (const threads of [1, 2]) {
  engineContract(`wasm on ${threads} threads, to 1e-4`, async () => ({
    engine: wasmEngineOn(threads),
    tolerance: 1e-4,
    bitwise: true,
  }))
}
