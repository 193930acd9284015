import { describe, expect, it } from 'vitest'
import { csrFromPairs } from '../../job/data/csr-matrix.ts'
import { Random } from '../../job/data/random.ts'
import { topKOfScores } from '../../job/engine/top-k.ts'
import { evaluate } from '../../job/evaluate/evaluate.ts'
import type { Model } from '../../job/models/model.ts'
import { addStandardScores } from '../../job/models/standard-scores.ts'
import { blendMetrics, poolCandidates } from '../../job/train/blend-pools.ts'
import { chooseParts, weighParts } from '../../job/train/blend-weights.ts'

const users = 60
const items = 150
/** Each user has one item, and another one is held out. */
const everyUser = Uint32Array.from({ length: users }, (_, user) => user)
const ratings = csrFromPairs(
  everyUser,
  everyUser.map((user) => (user * 7) % 75),
  users,
  items,
)
const wanted = (user: number) => 75 + ((user * 11) % 75)
const heldOut = csrFromPairs(everyUser, everyUser.map(wanted), users, items)

/** Scores at random, with a hint of what is held out. */
function madeModel(seed: number, hint: number): Model {
  const random = new Random(seed)
  const all = Float32Array.from({ length: users * items }, () => random.next())
  for (let user = 0; user < users; user++) all[user * items + wanted(user)] += hint
  const scores = async (some: Uint32Array) => {
    const out = new Float32Array(some.length * items)
    some.forEach((user, row) => {
      out.set(all.subarray(user * items, (user + 1) * items), row * items)
    })
    return out
  }
  return {
    scores,
    topK: async (some, k, masked) => topKOfScores(await scores(some), some, k, masked),
    epoch: async () => 0,
    state: async () => ({ step: 0, weights: {}, memory: {} }),
    close() {},
  }
}

describe('the weights of a blend', () => {
  const models = [madeModel(1, 0.6), madeModel(2, 0.6), madeModel(3, -2)]
  const pooled = () => poolCandidates(models, ratings, heldOut)

  it('join what two parts know, and leave out one that knows nothing', async () => {
    const pools = await pooled()
    const { weights, metrics } = chooseParts(pools, [1, 1, 1])
    expect(weights[2]).toBe(0)
    expect(Math.min(weights[0], weights[1])).toBeGreaterThan(0.2)
    expect(weights.reduce((a, b) => a + b)).toBeCloseTo(1, 2)
    for (const alone of [0, 1, 2]) {
      const only = [0, 0, 0].with(alone, 1)
      expect(metrics.ndcg).toBeGreaterThan(1.1 * blendMetrics(pools, only).ndcg)
    }
    expect(metrics).toEqual(blendMetrics(pools, weights))
  })

  it('are worth on the pooled candidates what they are worth on the whole catalogue', async () => {
    const weights = [0.5, 0.4, 0.1]
    const scores = async (some: Uint32Array) => {
      const sums = new Float32Array(some.length * items)
      for (const [n, model] of models.entries())
        addStandardScores(sums, await model.scores(some), some, ratings, weights[n])
      return sums
    }
    const ranker = {
      topK: async (some: Uint32Array, k: number, masked: typeof ratings | undefined) =>
        topKOfScores(await scores(some), some, k, masked),
    }
    const whole = await evaluate(ranker, ratings, { pairs: heldOut }, [10])
    expect(blendMetrics(await pooled(), weights).ndcg).toBeCloseTo(whole.metrics['10'].ndcg, 10)
  })

  it('stay as they begin where what others would gain is no more than chance', async () => {
    const pools = await pooled()
    const { weights: best, metrics } = chooseParts(pools, [1, 1, 1])
    // A little off what was found best, of which sixty users can tell nothing.
    const near = best.map((weight, part) => weight + [0.02, -0.02, 0][part])
    expect(metrics.ndcg - blendMetrics(pools, near).ndcg).toBeLessThan(0.02 / Math.sqrt(60))
    const again = chooseParts(pools, near)
    // One half of the users may tell something by chance; the others hold it back.
    again.weights.forEach((weight, part) => {
      expect(Math.abs(weight - near[part])).toBeLessThan(0.02)
    })
  })

  it('are never behind a part alone, however few users there are to choose by', async () => {
    const pools = await pooled()
    for (let first = 0; first < 57; first += 3) {
      const few = pools.slice(first, first + 3)
      const alone = [0, 1, 2].map((part) => blendMetrics(few, [0, 0, 0].with(part, 1)).ndcg)
      const { weights, metrics } = chooseParts(few, [0.05, 0.05, 0.9])
      expect(metrics.ndcg).toBeGreaterThanOrEqual(Math.max(...alone))
      expect(metrics).toEqual(blendMetrics(few, weights))
    }
  })

  it('are chosen anew without each part that has one', async () => {
    const { metrics, without } = chooseParts(await pooled(), [1, 1, 1])
    expect(without[0]?.weights[0]).toBe(0)
    expect(without[0]?.weights[1]).toBeGreaterThan(0.5)
    expect(without[0]?.metrics.ndcg).toBeLessThan(metrics.ndcg)
    expect(without[2]).toBeUndefined()
  })

  it('stay as they are given', async () => {
    const pools = await pooled()
    const { weights, metrics, without } = weighParts(pools, [0.3, 0.7, 0])
    expect(weights).toEqual([0.3, 0.7, 0])
    expect(metrics).toEqual(blendMetrics(pools, weights))
    expect(without.map((other) => other?.weights)).toEqual([[0, 1, 0], [1, 0, 0], undefined])
    expect(weighParts(pools, [1, 0, 0]).without).toEqual([undefined, undefined, undefined])
  })

  it('are the usual ones where nobody is there to choose by', () => {
    expect(chooseParts([], [3, 1])).toMatchObject({ weights: [0.75, 0.25] })
  })
})
