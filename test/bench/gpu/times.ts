import { type CsrMatrix, csrFromPairs, transpose } from '../../../job/data/csr-matrix.ts'
import { Random } from '../../../job/data/random.ts'
import type { Block, Engine, EngineModel } from '../../../job/engine/engine.ts'
import { initialState } from '../../../job/engine/model-state.ts'
import { sparseBlock } from '../../../job/engine/tfjs/sparse-block.ts'
import { blockModel } from '../../../job/models/block-model.ts'
import { fullSweep } from '../../../job/models/full-sweep.ts'
import { jcaSpec } from '../../../job/models/jca.ts'
import { PairSampler } from '../../../job/models/pair-sampler.ts'
import { fitEpochs } from '../../../job/train/fit-epochs.ts'
import { type Spread, spreadOf } from '../spread.ts'

/** One engine on one set, with square blocks. */
export interface Setting {
  ratings: CsrMatrix
  side: number
  hidden: number
}

const modelOf = (engine: Engine, { ratings, hidden }: Setting): Promise<EngineModel> => {
  const spec = jcaSpec({ hidden, margin: 0.15, l2: 0.001, learningRate: 0.001 })
  return engine.create(spec, ratings, initialState(spec, ratings.rowCount, ratings.columnCount, 1))
}

/** Whole epochs by the training loop itself, without the first `warm` of them. */
export async function timeEpochs(
  engine: Engine,
  setting: Setting,
  { warm, timed }: { warm: number; timed: number },
): Promise<{ epochMs: Spread; trainMs: number; loss: number }> {
  const model = await modelOf(engine, setting)
  const times: number[] = []
  let lastLoss = Number.NaN
  const began = performance.now()
  let last = began
  await fitEpochs({
    model: blockModel(model, setting.ratings, fullSweep(setting.side, setting.side), 1),
    epochsDone: 0,
    epochs: warm + timed,
    resumeHint: '',
    afterEpoch: async (epoch, loss) => {
      const now = performance.now()
      if (epoch > warm) times.push(now - last)
      last = now
      lastLoss = loss
      return false
    },
  })
  const trainMs = performance.now() - began
  model.close()
  return { epochMs: spreadOf(times), trainMs, loss: lastLoss }
}

/** Where the time of full blocks goes. */
export interface StepTimes {
  stepMs: Spread
  /** From the call to the end of what this thread does before it would wait: lists made, operations queued. */
  queuedMs: Spread
  /** Of that, the block's lists for tfjs, timed alone. */
  listsMs: Spread
  /** Drawing the pairs of the next block, timed alone. */
  sampleMs: Spread
  /** Steps in an epoch, and what an epoch is reckoned to take: every step as long as the median of these. */
  steps: number
  epochMs: number
}

/** Some steps of an epoch, after `warm` of them. */
export async function timeSteps(
  engine: Engine,
  setting: Setting,
  { warm, timed }: { warm: number; timed: number },
): Promise<StepTimes> {
  const { ratings, side } = setting
  const sampler = fullSweep(side, side)
  const pairs = new PairSampler(ratings)
  const model = await modelOf(engine, setting)
  const raters = transpose(ratings)
  const seen = { step: [] as number[], queued: [] as number[], lists: [] as number[], sample: [] as number[] }
  let count = 0
  for (const indexes of sampler.blocks(ratings, 1, 1)) {
    if (count++ === warm + timed) break
    const sampled = performance.now()
    const block: Block = pairs.sample(indexes, new Random(1, count))
    const began = performance.now()
    let queued = began
    await model.step(block, () => {
      queued = performance.now()
    })
    const ended = performance.now()
    sparseBlock(ratings, raters, block)
    const listed = performance.now()
    if (count <= warm) continue
    seen.step.push(ended - began)
    seen.queued.push(queued - began)
    seen.lists.push(listed - ended)
    seen.sample.push(began - sampled)
  }
  model.close()
  const stepMs = spreadOf(seen.step)
  const steps = sampler.blockCount(ratings)
  return {
    stepMs,
    queuedMs: spreadOf(seen.queued),
    listsMs: spreadOf(seen.lists),
    sampleMs: spreadOf(seen.sample),
    steps,
    epochMs: stepMs.median * steps,
  }
}

/** The hundred best of `users` users, known ones left out; reckoned for everybody where these are fewer. */
export async function timeTopK(
  engine: Engine,
  setting: Setting,
  users = setting.ratings.rowCount,
): Promise<{ users: number; ms: number; everybodyMs: number }> {
  const { ratings } = setting
  const model = await modelOf(engine, setting)
  const lot = 1024
  const of = (first: number) =>
    Uint32Array.from({ length: Math.min(lot, users - first) }, (_, n) => first + n)
  await model.topK(of(0), 100, ratings)
  const began = performance.now()
  for (let first = 0; first < users; first += lot) await model.topK(of(first), 100, ratings)
  const ms = performance.now() - began
  model.close()
  return { users, ms, everybodyMs: (ms * ratings.rowCount) / users }
}

/** Users with about as many items each, popular items more often than others. */
export function madeRatings(users: number, items: number, perUser: number): CsrMatrix {
  const random = new Random(1)
  const rows = Uint32Array.from({ length: users * perUser }, (_, n) => Math.floor(n / perUser))
  const columns = Uint32Array.from(rows, () => Math.floor(items * random.next() ** 2))
  return csrFromPairs(rows, columns, users, items)
}
