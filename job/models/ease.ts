import * as z from 'zod'
import { EaseEngine, type EaseOptions } from '../engine/linear/ease-engine.ts'
import { NightjarError } from '../errors.ts'
import type { ModelKind } from './model.ts'

/**
 * Items that fit: P takes 4 items^2 bytes of the 4 GiB that WebAssembly's 32-bit memory has, beside the ratings and a
 * panel. Half of it is saved: 1.8 GB, and a file is read whole up to 2 GiB.
 */
export const easeItemsLimit = 30_000

/**
 * EASE: the linear autoencoder without hidden units, whose items may not explain themselves.
 *
 *   min sum over users of w_u |x_u - x_u B|^2  +  l2 |B|^2  with diag(B) = 0
 *     =>   G = X^T W X,   P = (G + p / (1 - p) diag G + l2 I)^-1,   B = I - P diag(1 / diag P)
 *
 * A user's scores are the sum of B's rows of their own items: x_u B. The closed form is all the training there is.
 * P is symmetric: its lower half is what a run keeps. By its defaults it is EASE as it was printed: w_u = 1, p = 0.
 *
 * Three things that later papers add are options. Of an input with a share p of its items left out, the expected error is that of a
 * diagonal that is larger (`dropout`). Rows that are divided by n_u^a weigh w_u = n_u^-2a, here times what makes the mean over
 * pairs 1 (`rowExponent`). And scores may be divided by n_i^e, for B favours what many have (`itemExponent`).
 *
 * @see Steck: Embarrassingly Shallow Autoencoders for Sparse Data, WWW 2019, eq. 8
 * @see Steck: Autoencoders that don't overfit towards the Identity, NeurIPS 2020, eq. 6 with full emphasis: the dropout
 * @see Park and others: Toward a Better Understanding of Loss Functions for Collaborative Filtering..., on normalised linear autoencoders
 */
export const easeKind: ModelKind<EaseOptions> = {
  name: 'ease',
  about: 'a linear item-item model in closed form (Steck, WWW 2019)',
  options: z.strictObject({
    l2: z.number().positive(),
    dropout: z.number().min(0).max(0.95),
    rowExponent: z.number().min(0).max(1),
    itemExponent: z.number().min(0).max(1),
  }),
  defaults: { l2: 300, dropout: 0, rowExponent: 0, itemExponent: 0 },
  space: { l2: { from: 10, to: 3000, by: 'log' } },
  runsOn: 'cpu',
  oneEpoch: true,
  shapes: (_options, _userCount, itemCount) => ({ inverse: [(itemCount * (itemCount + 1)) / 2] }),
  async create({ options, ratings, threads, state }) {
    const items = ratings.columnCount
    if (items > easeItemsLimit) {
      throw new NightjarError('EASE_ITEMS', {
        what: `${items} items are too many for ease, which takes up to ${easeItemsLimit}`,
        why: `it keeps a number for every pair of items: ${((4 * items * items) / 1e9).toFixed(1)} GB of a memory of 4.3`,
        fix: 'leave rare items out (--min-count on import), or train ials, whose memory grows with items, not with pairs of them',
      })
    }
    const engine = await EaseEngine.create(ratings, threads, options)
    let step = state?.step ?? 0
    if (state !== undefined) engine.load(state.weights.inverse.data)
    return {
      async epoch(_epoch, watch) {
        await engine.fit((done, blocks) => watch(done, blocks, 0))
        step++
        return 0
      },
      scores: async (users) => engine.scores(users),
      topK: (users, k, masked) => engine.topK(users, k, masked),
      async state() {
        const data = engine.inverse()
        return { step, weights: { inverse: { shape: [data.length], data } }, memory: {} }
      },
      close: () => engine.close(),
    }
  },
}
