import { tfjsContract } from './tfjs-contract.ts'

tfjsContract('cpu', { tolerance: 1e-4, bitwise: true })
