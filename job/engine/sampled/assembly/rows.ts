import { adamRow } from '../../wasm/assembly/adam'
import { at, row } from '../../wasm/assembly/layout'

// Rows of tables: those of a batch are gathered to stand side by side, `stride` bytes each, and what was computed of them
// goes back.

/** out[r] = table[indexes[r]] */
export function gatherRows(out: usize, table: usize, indexes: usize, rows: i32, stride: usize): void {
  for (let r = 0; r < rows; r++) memory.copy(row(out, r, stride), row(table, load<i32>(at(indexes, r)), stride), stride)
}

/** out[indexes[r]] += from[r], in the order of r. */
export function scatterRows(out: usize, from: usize, indexes: usize, rows: i32, stride: usize): void {
  for (let r = 0; r < rows; r++) {
    const to = row(out, load<i32>(at(indexes, r)), stride)
    const x = row(from, r, stride)
    for (let k: usize = 0; k < stride; k += 16) v128.store(to + k, f32x4.add(v128.load(to + k), v128.load(x + k)))
  }
}

/** Sets memory to 0. */
export function clear(out: usize, bytes: usize): void {
  memory.fill(out, 0, bytes)
}

/**
 * Adam for some rows of a table, their gradients side by side; the others and their moments stay as they are.
 *
 * @param counts how often the batch met each row: so often it is drawn towards 0 by `l2`. Float32
 */
export function adamRows(
  table: usize,
  moments: usize,
  gradients: usize,
  indexes: usize,
  counts: usize,
  rows: i32,
  stride: usize,
  l2: f32,
): void {
  for (let r = 0; r < rows; r++) {
    const w = row(table, load<i32>(at(indexes, r)), stride)
    adamRow(w, moments, row(gradients, r, stride), stride, l2 * load<f32>(at(counts, r)))
  }
}
