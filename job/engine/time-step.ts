import type { Clock } from '../clock.ts'
import { type CsrMatrix, csrFromPairs, rowOf } from '../data/csr-matrix.ts'
import { Random } from '../data/random.ts'
import type { Block, Engine } from './engine.ts'
import type { ModelSpec } from './model-spec.ts'
import { initialState } from './model-state.ts'

/** A mini-batch of the paper's size, with as many ratings as MovieLens 1M has in one. */
const size = { users: 1500, items: 1500, ratingsPerUser: 50 }
const steps = 3
/** No further step is begun after this. */
const limitMs = 2500

const spec: ModelSpec = {
  userComponent: true,
  itemComponent: true,
  itemFactor: true,
  userVector: false,
  userCorruption: 0,
  loss: 'hinge',
  margin: 0.15,
  hidden: 160,
  l2: 0.001,
  adam: { learningRate: 0.003, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
}

/**
 * Milliseconds that an engine takes for one training step on made-up ratings: the median of three after one to warm
 * up, or of fewer where they are slow.
 */
export async function timeStep(engine: Engine, clock: Clock): Promise<number> {
  const began = clock.elapsedMs()
  const random = new Random(1)
  const ratings = madeUpRatings(random)
  const block = wholeBlock(ratings, random)
  const model = await engine.create(spec, ratings, initialState(spec, size.users, size.items, 1))
  try {
    await model.step(block)
    const times: number[] = []
    do {
      const stepBegan = clock.elapsedMs()
      await model.step(block)
      times.push(clock.elapsedMs() - stepBegan)
    } while (times.length < steps && clock.elapsedMs() - began < limitMs)
    return times.sort((a, b) => a - b)[Math.floor(times.length / 2)]
  } finally {
    model.close()
  }
}

/** `[users, items]`; a draw that repeats is folded, so users have a few less than asked for. */
function madeUpRatings(random: Random): CsrMatrix {
  const count = size.users * size.ratingsPerUser
  const users = Uint32Array.from({ length: count }, (_, n) => n % size.users)
  const items = Uint32Array.from({ length: count }, () => random.below(size.items))
  return csrFromPairs(users, items, size.users, size.items)
}

/** All users by all items: local indexes are the global ones. */
function wholeBlock(ratings: CsrMatrix, random: Random): Block {
  const everyone = Uint32Array.from({ length: size.users }, (_, user) => user)
  const cells = new Uint32Array(2 * ratings.columns.length)
  let filled = 0
  for (const user of everyone) {
    const observed = new Set(rowOf(ratings, user))
    for (const item of observed) {
      let negative = random.below(size.items)
      while (observed.has(negative)) negative = random.below(size.items)
      cells[filled++] = item
      cells[filled++] = negative
    }
  }
  return {
    users: everyone,
    items: Uint32Array.from({ length: size.items }, (_, item) => item),
    pairOffsets: ratings.rowOffsets,
    cells,
  }
}
