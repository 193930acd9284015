import asc from 'assemblyscript/asc'
import { Random } from '../../job/data/random.ts'
import { medianOf } from './spread.ts'

/** What one core of this machine can do, in the engine's own terms: 128-bit vectors compiled from WebAssembly. */
export interface Peaks {
  /** Dots of two rows of 160 numbers in the first-level cache. */
  dotGflops: number
  /** The same with four rows against one. */
  fourDotsGflops: number
  /** The same as a product of dense matrices, tiled. */
  tiledGflops: number
  /** Copying memory that no cache holds: bytes copied, each read once and written once. */
  copyGBs: number
  /** Reading rows of 640 bytes in random order from a table of `rows` rows. */
  gatherGBs(rows: number): number
}

interface Kernels {
  dots(row: number, table: number, count: number, stride: number): number
  dotsByFour(row: number, table: number, count: number, stride: number): number
  dotsTiled(rows: number, table: number, count: number, stride: number): number
  gather(table: number, indexes: number, count: number, stride: number): number
  copy(to: number, from: number, bytes: number): void
}

const megabyte = 1 << 20
const stride = 640
const table = megabyte
const indexes = 65 * megabyte
const other = 70 * megabyte
const copied = 64 * megabyte

/** Compiles the peaks' kernels; `measure` may be called again and again, among other measurements. */
export async function openPeaks(): Promise<{ measure(gatherRows: readonly number[]): Peaks }> {
  const memory = new WebAssembly.Memory({ initial: 2200, maximum: 2200, shared: true })
  const { instance } = await WebAssembly.instantiate(await compile(), { env: { memory } })
  const kernels = instance.exports as unknown as Kernels
  const random = new Random(1)
  const numbers = new Float32Array(memory.buffer, table, (64 * megabyte) / 4)
  for (let i = 0; i < numbers.length; i++) numbers[i] = random.next()
  const drawn = new Uint32Array(memory.buffer, indexes, 100_000)

  const dotGflops = (kernel: Kernels['dots']) =>
    (2 * 160 * 80_000) / medianMs(() => kernel(table, table + 4096, 80_000, stride)) / 1e6
  const gatherGBs = (rows: number) => {
    for (let i = 0; i < drawn.length; i++) drawn[i] = random.below(rows)
    return (
      (drawn.length * stride) / medianMs(() => kernels.gather(table, indexes, drawn.length, stride)) / 1e6
    )
  }
  return {
    measure(gatherRows) {
      const gathers = new Map(gatherRows.map((rows) => [rows, gatherGBs(rows)]))
      return {
        dotGflops: dotGflops(kernels.dots),
        fourDotsGflops: dotGflops(kernels.dotsByFour),
        tiledGflops: dotGflops(kernels.dotsTiled),
        copyGBs: copied / medianMs(() => kernels.copy(other, table, copied)) / 1e6,
        gatherGBs: (rows) => gathers.get(rows) ?? Number.NaN,
      }
    },
  }
}

function medianMs(work: () => unknown): number {
  const times = Array.from({ length: 7 }, () => {
    const began = performance.now()
    work()
    return performance.now() - began
  })
  return medianOf(times)
}

async function compile(): Promise<Uint8Array<ArrayBuffer>> {
  let wasm: Uint8Array<ArrayBuffer> | undefined
  const { error, stderr } = await asc.main(
    [
      'test/bench/assembly/peaks.ts',
      ...['--outFile', 'peaks.wasm', '-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd,threads'],
      ...['--importMemory', '--sharedMemory', '--initialMemory', '2200', '--maximumMemory', '2200'],
    ],
    {
      writeFile: (_name, contents) => {
        wasm = contents as Uint8Array<ArrayBuffer>
      },
    },
  )
  if (error || wasm === undefined)
    throw new Error(`the kernels of the peaks do not compile: ${stderr.toString()}`)
  return wasm
}
