import type { EngineMemory } from './engine-memory.ts'

/** Copies rows of `width` numbers to `address`, `stride` numbers apart; what is behind a row becomes zero. */
export function placeRows(
  memory: EngineMemory,
  address: number,
  data: Float32Array,
  width: number,
  stride: number,
): void {
  const rows = data.length / width
  const to = memory.f32(address, rows * stride)
  if (width === stride) {
    to.set(data)
    return
  }
  to.fill(0)
  for (let row = 0; row < rows; row++) to.set(data.subarray(row * width, (row + 1) * width), row * stride)
}
