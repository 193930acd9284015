import type { Compute } from '../mock-tensor.ts'
import { elementwise } from './elementwise.ts'
import { indexing } from './indexing.ts'
import { rearranging } from './rearranging.ts'
import { sums } from './sums.ts'

/** The operations that the mock can compute, by TensorFlow's names. */
export const computations: Record<string, Compute> = { ...elementwise, ...sums, ...rearranging, ...indexing }
