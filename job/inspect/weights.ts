import type { Store } from '../store/store.ts'
import { openSafetensors, type SafetensorsFile } from '../train/safetensors.ts'
import { type Fault, FaultLog } from './fault.ts'
import { type FileFacts, lookAtFiles, type Watch } from './file-facts.ts'
import { voucherOf } from './voucher.ts'

interface ArrayFacts {
  name: string
  shape: number[]
  /** Of the finite numbers; null where there are none. */
  min: number | null
  mean: number | null
  max: number | null
  deviation: number | null
  notFinite: number
}

export interface WeightsReport {
  kind: 'weights'
  place: string
  files: FileFacts[]
  metadata: Record<string, string>
  arrays: ArrayFacts[]
  faults: Fault[]
}

/** Numbers in memory at a time. */
const numbersMax = 1 << 22

/** What is in a safetensors file: arrays, and how their numbers are spread. */
export async function surveyWeights(
  { place, store, key }: { place: string; store: Store; key: string },
  watch: Watch,
): Promise<WeightsReport> {
  const faults = new FaultLog()
  const vouched = await voucherOf(store, key)
  const files = await lookAtFiles(store, [{ path: key, ...(vouched && { vouched }) }], faults, watch)
  const file = await openSafetensors(store, key)
  const arrays: ArrayFacts[] = []
  for (const name of file.names) {
    const facts = await factsOf(file, name)
    arrays.push(facts)
    if (facts.notFinite > 0) {
      faults.add('WEIGHT_NOT_FINITE', () => `${name}: ${facts.notFinite} numbers are NaN or infinite`)
    }
  }
  return { kind: 'weights', place, files, metadata: file.metadata, arrays, faults: faults.faults }
}

async function factsOf(file: SafetensorsFile, name: string): Promise<ArrayFacts> {
  const shape = file.shapeOf(name) ?? []
  const [rows = 1, ...rest] = shape
  const rowNumbers = rest.reduce((product, length) => product * length, 1)
  const step = Math.max(1, Math.floor(numbersMax / Math.max(1, rowNumbers)))
  const sums = {
    count: 0,
    sum: 0,
    squares: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    bad: 0,
  }
  for (let first = 0; first < rows; first += step) {
    const some = shape.length === 0 ? undefined : { first, count: Math.min(step, rows - first) }
    add(sums, await file.read(name, some))
  }
  const mean = sums.sum / sums.count
  const isEmpty = sums.count === 0
  return {
    name,
    shape,
    min: isEmpty ? null : sums.min,
    mean: isEmpty ? null : mean,
    max: isEmpty ? null : sums.max,
    deviation: isEmpty ? null : Math.sqrt(Math.max(0, sums.squares / sums.count - mean * mean)),
    notFinite: sums.bad,
  }
}

function add(
  sums: { count: number; sum: number; squares: number; min: number; max: number; bad: number },
  numbers: Float32Array,
): void {
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]
    if (!Number.isFinite(number)) {
      sums.bad++
      continue
    }
    sums.count++
    sums.sum += number
    sums.squares += number * number
    if (number < sums.min) sums.min = number
    if (number > sums.max) sums.max = number
  }
}
