import { csrFromPairs } from '../../job/data/csr-matrix.ts'
import { Random } from '../../job/data/random.ts'
import type { Block } from '../../job/engine/engine.ts'
import type { ModelSpec } from '../../job/engine/model-spec.ts'
import { initialState } from '../../job/engine/model-state.ts'
import { fullSweep } from '../../job/models/full-sweep.ts'
import { PairSampler } from '../../job/models/pair-sampler.ts'

export const jcaSpec: ModelSpec = {
  userComponent: true,
  itemComponent: true,
  itemFactor: true,
  loss: 'hinge',
  margin: 0.15,
  hidden: 10,
  l2: 0.01,
  adam: { learningRate: 0.003, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
}

/** What the engine contract is run with. */
export const smallSpecs: Record<string, ModelSpec> = {
  'JCA, hinge': jcaSpec,
  'JCA, mse': { ...jcaSpec, loss: 'mse' },
  'JCA, bpr': { ...jcaSpec, loss: 'bpr' },
  'JCA without the item factor': { ...jcaSpec, itemFactor: false },
  'user component alone': { ...jcaSpec, itemComponent: false, itemFactor: false, loss: 'mse' },
  'item component alone': { ...jcaSpec, userComponent: false, itemFactor: false, loss: 'mse' },
  'hidden size that fills no vector': { ...jcaSpec, hidden: 7 },
  'hidden size of the paper': { ...jcaSpec, hidden: 160 },
}

/** A random problem: ratings with an empty user and an empty item among them, a starting state, one epoch's blocks. */
export function smallProblem(
  spec: ModelSpec,
  size: { users: number; items: number; density: number; batchUsers: number; batchItems: number },
  seed = 1,
) {
  const random = new Random(seed)
  const users: number[] = []
  const items: number[] = []
  for (let user = 1; user < size.users; user++) {
    for (let item = 1; item < size.items; item++) {
      if (random.next() >= size.density) continue
      users.push(user)
      items.push(item)
    }
  }
  const ratings = csrFromPairs(Uint32Array.from(users), Uint32Array.from(items), size.users, size.items)
  const sampler = new PairSampler(ratings)
  const blocks: Block[] = []
  for (const block of fullSweep(size.batchUsers, size.batchItems).blocks(ratings, seed, 1)) {
    blocks.push(sampler.sample(block, random))
  }
  return { ratings, blocks, state: initialState(spec, size.users, size.items, seed) }
}
