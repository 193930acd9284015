import { transpose } from '../../job/data/csr-matrix.ts'
import { Random } from '../../job/data/random.ts'
import type { Block } from '../../job/engine/engine.ts'
import { initialState } from '../../job/engine/model-state.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { fullSweep } from '../../job/models/full-sweep.ts'
import { jcaSpec } from '../../job/models/jca.ts'
import { PairSampler } from '../../job/models/pair-sampler.ts'
import type { BenchData } from './bench-data.ts'
import type { Peaks } from './peaks.ts'
import { medianOf, type Spread, spreadOf } from './spread.ts'

/** What a phase of the mean step did and how long it took on one thread. */
export interface Phase {
  name: string
  ms: Spread
  /** Work done per second, in the unit of the limit. */
  achieved?: number
  unit?: 'GF/s' | 'GB/s'
  /** The same at the machine's peak. */
  peak?: number
  /** Share of the peak. */
  share?: number
  /** What was counted. */
  counted: string
}

const hidden = 160

/** Rows of a block's hidden layers: a table of that size is what the cells' rows are gathered from. */
const blockRows = 1500
const rounds = 5

/** The phases of a step by name, as the crew reports them. */
const backwardPhases = ['differentiate', 'sort', 'delta', 'update'] as const

/**
 * The phases of the mean step over an epoch of 1500 x 1500 blocks, each beside what limits it. The learning rate is
 * next to nothing, so that every pair stays active: the most that a step can cost.
 *
 * Peaks are measured between the rounds, so that a machine that slows down does so for both.
 */
export async function benchPhases(
  { ratings }: BenchData,
  peaks: { measure(rows: readonly number[]): Peaks },
): Promise<{ phases: Phase[]; peaks: Peaks; stepMs: Spread }> {
  const spec = jcaSpec({ hidden, margin: 0.9, l2: 0.001, learningRate: 1e-9 })
  const blocks = epochBlocks(ratings)
  const { rowCount: users, columnCount: items } = ratings
  const times = new Map<string, number>()
  const model = await wasmEngineOn(1, (phase, ms) => times.set(phase, (times.get(phase) ?? 0) + ms)).create(
    spec,
    ratings,
    initialState(spec, users, items, 1),
  )
  const tables = [blockRows, items, users]
  const seen = new Map<string, number[]>()
  const measured: Peaks[] = []
  const note = (name: string, ms: number) => seen.set(name, [...(seen.get(name) ?? []), ms])
  for (let round = 0; round <= rounds; round++) {
    const sampler = new PairSampler(ratings)
    const began = performance.now()
    for (const block of blocks) sampler.sample(block, new Random(1, 1, 1))
    const sampleMs = performance.now() - began
    times.clear()
    const stepsBegan = performance.now()
    for (const block of blocks) await model.step(copyOf(block))
    const stepsMs = performance.now() - stepsBegan
    // The first round compiles.
    if (round === 0) continue
    measured.push(peaks.measure(tables))
    const phase = (name: string) => (times.get(name) ?? 0) / blocks.length
    const backward = backwardPhases.reduce((sum, name) => sum + phase(name), 0)
    const dots = phase('decodeUsers') + phase('decodeItems')
    const step = (stepsMs + sampleMs) / blocks.length
    note('encode', phase('encode'))
    note('dots', dots)
    note('backward', backward)
    note('prepare', step - phase('encode') - dots - backward)
    note('step', step)
    times.clear()
    const scoreBegan = performance.now()
    for (let user = 0; user < users; user += 1024) {
      const some = Uint32Array.from({ length: Math.min(1024, users - user) }, (_, n) => user + n)
      await model.topK(some, 100, ratings)
    }
    note('score', performance.now() - scoreBegan)
  }
  model.close()
  const middle = middlePeaks(measured, tables)
  return {
    peaks: middle,
    stepMs: spreadOf(seen.get('step') ?? []),
    phases: describePhases(ratings, blocks, middle, (name) => spreadOf(seen.get(name) ?? [])),
  }
}

function describePhases(
  ratings: BenchData['ratings'],
  blocks: Block[],
  peaks: Peaks,
  spread: (name: string) => Spread,
): Phase[] {
  const { rowCount: users, columnCount: items } = ratings
  const raters = transpose(ratings)
  const mean = (of: (block: Block) => number) =>
    blocks.reduce((sum, block) => sum + of(block), 0) / blocks.length
  const lengths = (matrix: typeof ratings, rows: Uint32Array) =>
    rows.reduce((sum, row) => sum + matrix.rowOffsets[row + 1] - matrix.rowOffsets[row], 0)
  const userRows = mean((block) => lengths(ratings, block.users))
  const itemRows = mean((block) => lengths(raters, block.items))
  const cells = mean((block) => block.cells.length)
  const rowBytes = 4 * hidden
  const weights = 2 * (users + items) * hidden

  const encodeBytes = (userRows + itemRows) * rowBytes
  const encodeLimitMs =
    ((userRows * rowBytes) / peaks.gatherGBs(items) + (itemRows * rowBytes) / peaks.gatherGBs(users)) / 1e6
  const dotFlops = cells * 2 * 2 * hidden
  // Each cell passes a gradient to a hidden layer and to a decoder's row, in both components; each rating within reach
  // of the block adds a row to an encoder's gradient; Adam takes 14 operations a weight.
  const backwardFlops = cells * 2 * 2 * 2 * hidden + (userRows + itemRows) * hidden + 14 * weights
  // Adam reads and writes each weight and its two moments.
  const backwardBytes = 24 * weights
  const flopLimitMs = backwardFlops / peaks.dotGflops / 1e6
  const byteLimitMs = backwardBytes / (2 * peaks.copyGBs) / 1e6
  const backwardRows = 4 * cells + userRows + itemRows
  const backwardGatherMs = (backwardRows * rowBytes) / peaks.gatherGBs(blockRows) / 1e6
  const scoreFlops = 2 * 2 * hidden * users * items
  // Each dot reads a row from anywhere in a table of the block's size.
  const dotGatherMs = (cells * 2 * rowBytes) / peaks.gatherGBs(blockRows) / 1e6

  const limited = (
    name: string,
    key: string,
    unit: 'GF/s' | 'GB/s',
    work: number,
    limitMs: number,
    counted: string,
  ) => {
    const ms = spread(key)
    const peak = work / limitMs / 1e6
    return { name, ms, unit, achieved: work / ms.median / 1e6, peak, share: limitMs / ms.median, counted }
  }
  const million = (count: number) => (count / 1e6).toFixed(1)
  return [
    { name: 'prepare', ms: spread('prepare'), counted: 'sampling, laying out the block' },
    limited(
      'encode',
      'encode',
      'GB/s',
      encodeBytes,
      encodeLimitMs,
      `${million(encodeBytes)} MB of rows gathered; limit: gather`,
    ),
    limited(
      'sampled dots',
      'dots',
      'GF/s',
      dotFlops,
      dotFlops / peaks.dotGflops / 1e6,
      `${million(dotFlops)} Mflop; limit: SIMD dot (its rows alone take ${dotGatherMs.toFixed(1)} ms to gather)`,
    ),
    limited(
      'backward with Adam',
      'backward',
      'GF/s',
      backwardFlops,
      Math.max(flopLimitMs, byteLimitMs),
      `${million(backwardFlops)} Mflop (${flopLimitMs.toFixed(1)} ms at SIMD dot), ${million(backwardBytes)} MB (${byteLimitMs.toFixed(1)} ms at copy); limit: the larger (its ${million(backwardRows * rowBytes)} MB of rows alone take ${backwardGatherMs.toFixed(1)} ms to gather)`,
    ),
    limited(
      'all scores, their top 100',
      'score',
      'GF/s',
      scoreFlops,
      scoreFlops / peaks.tiledGflops / 1e6,
      `${million(scoreFlops / 1e3)} Gflop; limit: tiled dot`,
    ),
  ]
}

/** The blocks of an epoch, the same every time. */
export function epochBlocks(ratings: BenchData['ratings'], epoch = 1, side = 1500): Block[] {
  const sampler = new PairSampler(ratings)
  const random = new Random(1, epoch, 1)
  return [...fullSweep(side, side).blocks(ratings, 1, epoch)].map((block) => sampler.sample(block, random))
}

/** A step compacts its cells in the engine's memory, never here; the copy keeps that true for any engine. */
function copyOf(block: Block): Block {
  return { ...block, cells: block.cells.slice() }
}

function middlePeaks(measured: Peaks[], tables: readonly number[]): Peaks {
  const gathers = new Map(
    tables.map((rows) => [rows, medianOf(measured.map((peaks) => peaks.gatherGBs(rows)))]),
  )
  return {
    dotGflops: medianOf(measured.map((peaks) => peaks.dotGflops)),
    fourDotsGflops: medianOf(measured.map((peaks) => peaks.fourDotsGflops)),
    tiledGflops: medianOf(measured.map((peaks) => peaks.tiledGflops)),
    copyGBs: medianOf(measured.map((peaks) => peaks.copyGBs)),
    gatherGBs: (rows) => gathers.get(rows) ?? Number.NaN,
  }
}
