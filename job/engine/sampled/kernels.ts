import { builtModule } from '../wasm/kernels.ts'

/** What the module in assembly/ exports; see there. Everything is a number: an address, a count, a stride in bytes. */
export interface SampledKernels {
  pack(out: number, matrix: number, rows: number, columns: number): void
  packTransposed(out: number, matrix: number, rows: number, columns: number): void
  multiply(
    out: number,
    a: number,
    panels: number,
    bias: number,
    floor: number,
    rows: number,
    inner: number,
    columns: number,
  ): void
  addTransposedProduct(out: number, a: number, b: number, rows: number, inner: number, columns: number): void
  gatherRows(out: number, table: number, indexes: number, rows: number, stride: number): void
  scatterRows(out: number, from: number, indexes: number, rows: number, stride: number): void
  clear(out: number, bytes: number): void
  adam(weights: number, moments: number, gradient: number, bytes: number, l2: number): void
  adamRows(
    table: number,
    moments: number,
    gradients: number,
    indexes: number,
    counts: number,
    rows: number,
    stride: number,
    l2: number,
  ): void
  differentiatePairs(
    pairs: number,
    userOf: number,
    itemOf: number,
    users: number,
    userGradients: number,
    items: number,
    itemGradients: number,
    output: number,
    outputGradients: number,
    stride: number,
  ): number
  joinHalves(
    out: number,
    users: number,
    items: number,
    userOf: number,
    itemOf: number,
    samples: number,
    stride: number,
  ): void
  joinUser(out: number, user: number, items: number, count: number, stride: number): void
  rectifyBackward(gradients: number, outputs: number, bias: number, rows: number, stride: number): void
  differentiateHead(
    samples: number,
    userOf: number,
    itemOf: number,
    labels: number,
    users: number,
    userGradients: number,
    items: number,
    itemGradients: number,
    last: number,
    lastGradients: number,
    head: number,
    headGradients: number,
    factorStride: number,
    lastStride: number,
  ): number
  addDots(out: number, x: number, y: number, rows: number, stride: number): void
}

/** The kernels over a memory. */
export async function sampledKernels(memory: WebAssembly.Memory): Promise<SampledKernels> {
  const module = await builtModule('sampled.wasm')
  return (await WebAssembly.instantiate(module, { env: { memory } })).exports as unknown as SampledKernels
}
