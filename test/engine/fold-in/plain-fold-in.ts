import { type CsrMatrix, rowOf } from '../../../job/data/csr-matrix.ts'
import type { FoldInOptions } from '../../../job/engine/fold-in/fold-in-options.ts'
import type { FoldInWeights } from '../../../job/engine/fold-in/fold-in-weights.ts'

// The fold-in component's training as its equations stand, in float64, every cell decoded: without dropout, and with all
// users in one step.

export type Parameters = Record<'encoder' | 'hiddenBias' | 'decoder' | 'outputBias', number[]>

export function plainParameters({ encoder, hiddenBias, decoder, outputBias }: FoldInWeights): Parameters {
  return {
    encoder: [...encoder],
    hiddenBias: [...hiddenBias],
    decoder: [...decoder],
    outputBias: [...outputBias],
  }
}

/** Sum over observed cells of (1 - s)^2 + unobserved * sum over all others of s^2, over users with a history. */
export function plainLoss(p: Parameters, ratings: CsrMatrix, { hidden, unobserved, l2 }: FoldInOptions) {
  let loss = 0
  for (const { observed, scores } of everybody(p, ratings, hidden)) {
    scores.forEach((score, item) => {
      loss += observed.has(item) ? (1 - score) ** 2 : unobserved * score ** 2
    })
  }
  const squares = Object.values(p)
    .flat()
    .reduce((sum, w) => sum + w * w, 0)
  return { loss, withL2: loss + l2 * squares }
}

export function differentiate(p: Parameters, ratings: CsrMatrix, options: FoldInOptions): Parameters {
  const { hidden, unobserved, l2 } = options
  const g = Object.fromEntries(
    Object.entries(p).map(([name, w]) => [name, w.map((x) => 2 * l2 * x)]),
  ) as Parameters
  for (const { history, observed, h, scores } of everybody(p, ratings, hidden)) {
    const dh = new Array<number>(hidden).fill(0)
    scores.forEach((score, item) => {
      const d = observed.has(item) ? 2 * (score - 1) : 2 * unobserved * score
      g.outputBias[item] += d
      for (let k = 0; k < hidden; k++) {
        dh[k] += d * p.decoder[item * hidden + k]
        g.decoder[item * hidden + k] += d * h[k]
      }
    })
    for (let k = 0; k < hidden; k++) {
      const dz = dh[k] * (1 - h[k] ** 2)
      g.hiddenBias[k] += dz
      for (const item of history) g.encoder[item * hidden + k] += dz / Math.sqrt(history.length)
    }
  }
  return g
}

export interface AdamState {
  step: number
  first: Partial<Parameters>
  second: Partial<Parameters>
}

/** One step of Adam, as TensorFlow has it, in place. */
export function plainEpoch(p: Parameters, ratings: CsrMatrix, options: FoldInOptions, adam: AdamState): void {
  const g = differentiate(p, ratings, options)
  adam.step++
  const rate = (options.learningRate * Math.sqrt(1 - 0.999 ** adam.step)) / (1 - 0.9 ** adam.step)
  for (const name of Object.keys(p) as (keyof Parameters)[]) {
    adam.first[name] ??= p[name].map(() => 0)
    adam.second[name] ??= p[name].map(() => 0)
    const [first, second] = [adam.first[name], adam.second[name]]
    p[name].forEach((w, i) => {
      first[i] = 0.9 * first[i] + 0.1 * g[name][i]
      second[i] = 0.999 * second[i] + 0.001 * g[name][i] ** 2
      p[name][i] = w - (rate * first[i]) / (Math.sqrt(second[i]) + 1e-8)
    })
  }
}

function everybody(p: Parameters, ratings: CsrMatrix, hidden: number) {
  const users = Array.from({ length: ratings.rowCount }, (_, user) => [...rowOf(ratings, user)])
  return users
    .filter((history) => history.length > 0)
    .map((history) => {
      const h = p.hiddenBias.map((bias, k) => {
        const sum = history.reduce((total, item) => total + p.encoder[item * hidden + k], 0)
        return Math.tanh(bias + sum / Math.sqrt(history.length))
      })
      const scores = p.outputBias.map((bias, item) =>
        h.reduce((score, x, k) => score + x * p.decoder[item * hidden + k], bias),
      )
      return { history, observed: new Set(history), h, scores }
    })
}
