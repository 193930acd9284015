import { tfjsContract } from './tfjs-contract.ts'

tfjsContract('wasm', { tolerance: 1e-4, bitwise: true })
