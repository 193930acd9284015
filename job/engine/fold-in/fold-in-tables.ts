import type { EngineMemory } from '../wasm/engine-memory.ts'
import type { FoldInWeights } from './fold-in-weights.ts'

/** What a training must remember to go on to the same bits. */
export interface FoldInState {
  /** Steps of Adam so far. */
  step: number
  weights: FoldInWeights
  /** Adam's moments, of every weight; left out where nothing will be trained. */
  first?: FoldInWeights
  second?: FoldInWeights
}

/** Numbers from one row to the next: the hidden units, the output bias, and zeros up to a whole vector. */
export const rowWidth = (hidden: number) => Math.ceil((hidden + 1) / 8) * 8

/** Copies the tables that begin at `address`: the encoder, its bias as one row more, then the decoder. */
export function readTables(
  memory: EngineMemory,
  address: number,
  items: number,
  hidden: number,
): FoldInWeights {
  const width = rowWidth(hidden)
  const rows = (first: number, count: number) => {
    const table = memory.f32(address + 4 * first * width, count * width)
    const out = new Float32Array(count * hidden)
    for (let r = 0; r < count; r++) out.set(table.subarray(r * width, r * width + hidden), r * hidden)
    return out
  }
  const decoder = memory.f32(address + 4 * (items + 1) * width, items * width)
  return {
    items,
    hidden,
    encoder: rows(0, items),
    hiddenBias: rows(items, 1),
    decoder: rows(items + 1, items),
    outputBias: Float32Array.from({ length: items }, (_, item) => decoder[item * width + hidden]),
  }
}

/** The way back of {@link readTables}. */
export function writeTables(memory: EngineMemory, address: number, tables: FoldInWeights): void {
  const { items, hidden } = tables
  const width = rowWidth(hidden)
  const rows = (first: number, from: Float32Array) => {
    const table = memory.f32(address + 4 * first * width, (from.length / hidden) * width)
    for (let r = 0; r * hidden < from.length; r++)
      table.set(from.subarray(r * hidden, (r + 1) * hidden), r * width)
    return table
  }
  rows(0, tables.encoder)
  rows(items, tables.hiddenBias)
  const decoder = rows(items + 1, tables.decoder)
  tables.outputBias.forEach((bias, item) => {
    decoder[item * width + hidden] = bias
  })
}
