import type { Block, Engine } from '../../job/engine/engine.ts'
import { initialState } from '../../job/engine/model-state.ts'
import { referenceEngine } from '../../job/engine/reference/reference-engine.ts'
import { type BackendName, type OpenBackend, openBackend } from '../../job/engine/tfjs/open-backend.ts'
import { gpuBackends, probeBackends } from '../../job/engine/tfjs/probe-backends.ts'
import { tfjsEngine } from '../../job/engine/tfjs/tfjs-engine.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { blockModel } from '../../job/models/block-model.ts'
import { fullSweep } from '../../job/models/full-sweep.ts'
import { jcaSpec } from '../../job/models/jca.ts'
import { fitEpochs } from '../../job/train/fit-epochs.ts'
import type { BenchData } from './bench-data.ts'
import { DenseGraph } from './dense-graph.ts'
import { epochBlocks } from './phases.ts'
import { plainTypescriptEngine } from './plain-typescript-engine.ts'
import { type Spread, spreadOf } from './spread.ts'

/** How long an epoch of 1500 x 1500 blocks takes an engine. */
export interface EpochTime {
  engine: string
  device: string
  stepMs: Spread
  epochMs: number
  /** Whether every step of an epoch was run; else some were, and the epoch is reckoned from them. */
  whole: boolean
}

const spec = jcaSpec({ hidden: 160, margin: 0.15, l2: 0.001, learningRate: 0.001 })
const side = 1500

/** Whole epochs by the training loop itself, the first one left out: it compiles. Numbers of threads take turns. */
export async function benchWasmEpochs(
  { ratings }: BenchData,
  threadCounts: readonly number[],
): Promise<EpochTime[]> {
  const times = new Map(threadCounts.map((threads) => [threads, [] as number[]]))
  const sampler = fullSweep(side, side)
  for (let round = 0; round < 3; round++) {
    for (const threads of threadCounts) {
      const state = initialState(spec, ratings.rowCount, ratings.columnCount, 1)
      const model = await wasmEngineOn(threads).create(spec, ratings, state)
      let last = performance.now()
      await fitEpochs({
        model: blockModel(model, ratings, sampler, 1),
        epochsDone: 0,
        epochs: 5,
        resumeHint: '',
        afterEpoch: async (epoch) => {
          const now = performance.now()
          if (epoch > 1) times.get(threads)?.push(now - last)
          last = now
          return false
        },
      })
      model.close()
    }
  }
  const steps = sampler.blockCount(ratings)
  return threadCounts.map((threads) => {
    const epochs = times.get(threads) ?? []
    const stepMs = spreadOf(epochs.map((ms) => ms / steps))
    return {
      engine: `wasm, ${threads} thread${threads === 1 ? '' : 's'}`,
      device: 'CPU',
      stepMs,
      epochMs: spreadOf(epochs).median,
      whole: true,
    }
  })
}

/** Single steps of the engines that are too slow for whole epochs, and of what others would use. */
export async function benchOtherSteps(data: BenchData, note: (line: string) => void): Promise<EpochTime[]> {
  const times = [
    await stepsOf(plainTypescriptEngine, data, 'plain TypeScript', 'CPU'),
    await stepsOf(referenceEngine, data, 'reference (float64)', 'CPU', 1),
  ]
  for (const [name, steps] of [['wasm', undefined], ['cpu', 1], ...(await gpuBackendsHere(note))] as [
    BackendName,
    number,
  ][]) {
    const opened = await openBackend(name)
    times.push(await stepsOf(tfjsEngine(opened), data, `tfjs, ${name}`, opened.device, steps))
  }
  times.push(await denseSteps(await openBackend('wasm'), data))
  return times
}

/** GPU backends that work, tried in a process of their own: a driver may hang, and its noise is of no use here. */
async function gpuBackendsHere(note: (line: string) => void): Promise<[BackendName][]> {
  const probes = await probeBackends(gpuBackends)
  for (const { backend, lacks } of probes)
    if (lacks !== undefined) note(`tfjs on ${backend} left out: ${lacks.what}`)
  return probes.filter(({ gpu }) => gpu).map(({ backend }) => [backend])
}

/**
 * One epoch's steps, sampling left out; or, where `count` says so, its first few, which are full blocks.
 *
 * A warm-up first, unless one step is all that there is patience for.
 */
async function stepsOf(
  engine: Engine,
  { ratings }: BenchData,
  name: string,
  device: string,
  count = Number.POSITIVE_INFINITY,
): Promise<EpochTime> {
  const blocks = epochBlocks(ratings)
  const state = initialState(spec, ratings.rowCount, ratings.columnCount, 1)
  const model = await engine.create(spec, ratings, state)
  if (count > 1) await model.step(blocks[0])
  const some = blocks.slice(0, count)
  const times: number[] = []
  for (const block of some) {
    const began = performance.now()
    await model.step(block)
    times.push(performance.now() - began)
  }
  model.close()
  return timeOf(name, device, times, some, blocks)
}

async function denseSteps({ tf, device }: OpenBackend, { ratings }: BenchData): Promise<EpochTime> {
  const blocks = epochBlocks(ratings)
  const graph = new DenseGraph(
    tf,
    spec,
    ratings,
    initialState(spec, ratings.rowCount, ratings.columnCount, 1),
  )
  const began = performance.now()
  await graph.step(blocks[0])
  const ms = performance.now() - began
  return timeOf("the paper's dense graph (tfjs, wasm)", device, [ms], blocks.slice(0, 1), blocks)
}

/** The steps that were run, and the epoch: their sum, or as many times one's share of all users and items of blocks. */
function timeOf(engine: string, device: string, times: number[], run: Block[], all: Block[]): EpochTime {
  // Blocks at the ends are smaller; what a slow engine does in a block grows with its users and items.
  const size = (blocks: Block[]) =>
    blocks.reduce((sum, { users, items }) => sum + users.length + items.length, 0)
  const epochMs = times.reduce((sum, ms) => sum + ms, 0) * (size(all) / size(run))
  return { engine, device, stepMs: spreadOf(times), epochMs, whole: run.length === all.length }
}
