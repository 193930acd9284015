import type { EngineMemory } from '../wasm/engine-memory.ts'

/** The rows of a table that a batch meets, each once, laid out in memory. */
export interface BatchRows {
  count: number
  /** Address of their indexes in the table, in the order in which they are met. `[count]` uint32 */
  indexes: number
  /** Address of how often each is met. `[count]` float32 */
  counts: number
  /** Address of what stands where in the batch: places in `indexes`. `[samples]` uint32 */
  places: number
}

/** Finds the distinct rows of batches: what a batch meets often is then gathered, computed and stored back once. */
export class DistinctRows {
  /** Place of each row in the batch + 1; 0 outside. `[rows]` */
  readonly #placeOf: Uint32Array

  constructor(rowCount: number) {
    this.#placeOf = new Uint32Array(rowCount)
  }

  layOut(memory: EngineMemory, samples: Uint32Array): BatchRows {
    const placeOf = this.#placeOf
    const indexes = new Uint32Array(samples.length)
    const counts = new Float32Array(samples.length)
    const places = new Uint32Array(samples.length)
    let count = 0
    for (let s = 0; s < samples.length; s++) {
      const index = samples[s]
      if (placeOf[index] === 0) {
        indexes[count] = index
        placeOf[index] = ++count
      }
      places[s] = placeOf[index] - 1
      counts[places[s]]++
    }
    for (let r = 0; r < count; r++) placeOf[indexes[r]] = 0
    const countsAt = memory.allocate(4 * count)
    memory.f32(countsAt, count).set(counts.subarray(0, count))
    return {
      count,
      indexes: memory.place(indexes.subarray(0, count)),
      counts: countsAt,
      places: memory.place(places),
    }
  }
}
