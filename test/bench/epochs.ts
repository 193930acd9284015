import type { Engine } from '../../job/engine/engine.ts'
import { initialState } from '../../job/engine/model-state.ts'
import { referenceEngine } from '../../job/engine/reference/reference-engine.ts'
import { type BackendName, type OpenBackend, openBackend } from '../../job/engine/tfjs/open-backend.ts'
import { gpuBackends, probeBackends } from '../../job/engine/tfjs/probe-backends.ts'
import { tfjsEngine } from '../../job/engine/tfjs/tfjs-engine.ts'
import { wasmEngineOn } from '../../job/engine/wasm/wasm-engine.ts'
import { jcaSpec } from '../../job/models/jca.ts'
import { fitEpochs } from '../../job/train/fit-epochs.ts'
import { fullSweep } from '../../job/train/full-sweep.ts'
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
  /** Whether whole epochs were run, sampling included; else some steps were, and the epoch is so many times as long. */
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
        model,
        ratings,
        sampler,
        seed: 1,
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
    await stepsOf(plainTypescriptEngine, data, 'plain TypeScript', 'CPU', 6),
    await stepsOf(referenceEngine, data, 'reference (float64)', 'CPU', 1),
  ]
  for (const [name, steps] of [['wasm', 6], ['cpu', 1], ...(await gpuBackendsHere(note))] as [
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
async function gpuBackendsHere(note: (line: string) => void): Promise<[BackendName, number][]> {
  const probes = await probeBackends(gpuBackends)
  for (const { backend, lacks } of probes)
    if (lacks !== undefined) note(`tfjs on ${backend} left out: ${lacks.what}`)
  return probes.filter(({ gpu }) => gpu).map(({ backend }) => [backend, 6])
}

async function stepsOf(
  engine: Engine,
  { ratings }: BenchData,
  name: string,
  device: string,
  count: number,
): Promise<EpochTime> {
  const blocks = epochBlocks(ratings)
  const state = initialState(spec, ratings.rowCount, ratings.columnCount, 1)
  const model = await engine.create(spec, ratings, state)
  // One step to warm up, unless one is all that there is patience for.
  if (count > 1) await model.step(blocks[0])
  const times: number[] = []
  for (let step = 1; step <= count; step++) {
    const began = performance.now()
    await model.step(blocks[step % blocks.length])
    times.push(performance.now() - began)
  }
  model.close()
  return timeOf(name, device, times, blocks.length)
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
  return timeOf("the paper's dense graph (tfjs, wasm)", device, [performance.now() - began], blocks.length)
}

function timeOf(engine: string, device: string, times: number[], steps: number): EpochTime {
  const stepMs = spreadOf(times)
  return { engine, device, stepMs, epochMs: stepMs.median * steps, whole: false }
}
