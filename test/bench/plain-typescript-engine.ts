import { type CsrMatrix, transpose } from '../../job/data/csr-matrix.ts'
import type { Block, Engine, EngineModel } from '../../job/engine/engine.ts'
import { adamStepSize, type ModelSpec } from '../../job/engine/model-spec.ts'
import {
  type ModelState,
  type ParameterName,
  parameterNames,
  type Tensor,
} from '../../job/engine/model-state.ts'
import { topKOfScores } from '../../job/engine/top-k.ts'
import type { TopK } from '../../shared/top-k.ts'

/**
 * JCA's step as one would write it in TypeScript with care and no WebAssembly: float32 arrays, sparse encoders, sampled
 * cells only, fields in locals, gradients scattered into arrays that are kept. The hinge alone. To compare with.
 */
export const plainTypescriptEngine: Engine = {
  name: 'plain TypeScript',
  threads: 1,
  async create(spec, ratings, state) {
    return new PlainModel(spec, ratings, state)
  },
}

type Arrays = Record<ParameterName, Float32Array>

class PlainModel implements EngineModel {
  readonly #spec: ModelSpec
  readonly #ratings: CsrMatrix
  readonly #raters: CsrMatrix
  readonly #shapes: Record<ParameterName, Tensor>
  readonly #weights: Arrays
  readonly #first: Arrays
  readonly #second: Arrays
  readonly #gradients: Arrays
  #step: number

  constructor(spec: ModelSpec, ratings: CsrMatrix, state: ModelState) {
    if (spec.loss !== 'hinge' || !spec.userComponent || !spec.itemComponent || !spec.itemFactor) {
      throw new Error('the plain engine knows JCA with its hinge only')
    }
    this.#spec = spec
    this.#ratings = ratings
    this.#raters = transpose(ratings)
    this.#shapes = state.weights
    this.#weights = arrays((name) => state.weights[name].data.slice())
    this.#first = arrays((name) => state.firstMoments[name].data.slice())
    this.#second = arrays((name) => state.secondMoments[name].data.slice())
    this.#gradients = arrays((name) => new Float32Array(state.weights[name].data.length))
    this.#step = state.step
  }

  async step(block: Block, meanwhile?: () => void): Promise<number> {
    meanwhile?.()
    const H = this.#spec.hidden
    const { users, items, pairOffsets, cells } = block
    const w = this.#weights
    const g = this.#gradients
    for (const name of parameterNames) g[name].fill(0)
    const hiddenU = encode(this.#ratings, users, w['user.encoder'], w['user.hiddenBias'], H)
    const sums = encode(this.#raters, items, w['item.encoder'], w['item.hiddenBias'], H)
    const hiddenI = sums.map((sum, at) => sigmoid(sum * w['item.factor'][items[(at / H) | 0]]))
    for (let at = 0; at < hiddenU.length; at++) hiddenU[at] = sigmoid(hiddenU[at])
    const byU = new Float32Array(hiddenU.length)
    const byI = new Float32Array(hiddenI.length)
    const { margin } = this.#spec

    let loss = 0
    for (let u = 0; u < users.length; u++) {
      const user = users[u]
      for (let cell = 2 * pairOffsets[u]; cell < 2 * pairOffsets[u + 1]; cell += 2) {
        const p = cells[cell]
        const n = cells[cell + 1]
        const pU = sigmoid(dot(hiddenU, u, w['user.decoder'], items[p], H) + w['user.outputBias'][items[p]])
        const nU = sigmoid(dot(hiddenU, u, w['user.decoder'], items[n], H) + w['user.outputBias'][items[n]])
        const pI = sigmoid(dot(hiddenI, p, w['item.decoder'], user, H) + w['item.outputBias'][user])
        const nI = sigmoid(dot(hiddenI, n, w['item.decoder'], user, H) + w['item.outputBias'][user])
        const short = 0.5 * (nU + nI) - 0.5 * (pU + pI) + margin
        if (short <= 0) continue
        loss += short
        this.#backward(
          u,
          user,
          p,
          items[p],
          -0.5 * pU * (1 - pU),
          -0.5 * pI * (1 - pI),
          hiddenU,
          hiddenI,
          byU,
          byI,
        )
        this.#backward(
          u,
          user,
          n,
          items[n],
          0.5 * nU * (1 - nU),
          0.5 * nI * (1 - nI),
          hiddenU,
          hiddenI,
          byU,
          byI,
        )
      }
    }

    for (let at = 0; at < byU.length; at++) byU[at] *= hiddenU[at] * (1 - hiddenU[at])
    for (let i = 0; i < items.length; i++) {
      let byFactor = 0
      for (let at = i * H; at < (i + 1) * H; at++) {
        byI[at] *= hiddenI[at] * (1 - hiddenI[at])
        byFactor += byI[at] * sums[at]
        byI[at] *= w['item.factor'][items[i]]
      }
      g['item.factor'][items[i]] = byFactor
    }
    scatter(this.#ratings, users, byU, g['user.encoder'], g['user.hiddenBias'], H)
    scatter(this.#raters, items, byI, g['item.encoder'], g['item.hiddenBias'], H)
    this.#adam()
    return loss
  }

  async scores(users: Uint32Array): Promise<Float32Array> {
    const H = this.#spec.hidden
    const w = this.#weights
    const itemCount = this.#ratings.columnCount
    const everyItem = Uint32Array.from({ length: itemCount }, (_, item) => item)
    const hiddenU = encode(this.#ratings, users, w['user.encoder'], w['user.hiddenBias'], H).map(sigmoid)
    const sums = encode(this.#raters, everyItem, w['item.encoder'], w['item.hiddenBias'], H)
    const hiddenI = sums.map((sum, at) => sigmoid(sum * w['item.factor'][(at / H) | 0]))
    const scores = new Float32Array(users.length * itemCount)
    for (let row = 0; row < users.length; row++) {
      for (let item = 0; item < itemCount; item++) {
        const outU = sigmoid(dot(hiddenU, row, w['user.decoder'], item, H) + w['user.outputBias'][item])
        const outI = sigmoid(
          dot(hiddenI, item, w['item.decoder'], users[row], H) + w['item.outputBias'][users[row]],
        )
        scores[row * itemCount + item] = 0.5 * (outU + outI)
      }
    }
    return scores
  }

  async topK(users: Uint32Array, k: number, masked: CsrMatrix | undefined): Promise<TopK[]> {
    return topKOfScores(await this.scores(users), users, k, masked)
  }

  async state(): Promise<ModelState> {
    const copy = (from: Arrays) =>
      Object.fromEntries(
        parameterNames.map((name) => [name, { shape: this.#shapes[name].shape, data: from[name].slice() }]),
      ) as Record<ParameterName, Tensor>
    return {
      step: this.#step,
      weights: copy(this.#weights),
      firstMoments: copy(this.#first),
      secondMoments: copy(this.#second),
    }
  }

  close(): void {}

  /** Carries one cell's gradients to both decoders and both hidden layers. */
  #backward(
    u: number,
    user: number,
    i: number,
    item: number,
    gU: number,
    gI: number,
    hiddenU: Float32Array,
    hiddenI: Float32Array,
    byU: Float32Array,
    byI: Float32Array,
  ): void {
    const H = this.#spec.hidden
    const decoderU = this.#weights['user.decoder']
    const decoderI = this.#weights['item.decoder']
    const gradientU = this.#gradients['user.decoder']
    const gradientI = this.#gradients['item.decoder']
    this.#gradients['user.outputBias'][item] += gU
    this.#gradients['item.outputBias'][user] += gI
    for (let h = 0; h < H; h++) {
      gradientU[item * H + h] += gU * hiddenU[u * H + h]
      byU[u * H + h] += gU * decoderU[item * H + h]
      gradientI[user * H + h] += gI * hiddenI[i * H + h]
      byI[i * H + h] += gI * decoderI[user * H + h]
    }
  }

  #adam(): void {
    const { l2, adam } = this.#spec
    const { beta1, beta2, epsilon } = adam
    const rate = adamStepSize(adam, ++this.#step)
    for (const name of parameterNames) {
      const w = this.#weights[name]
      const m = this.#first[name]
      const v = this.#second[name]
      const g = this.#gradients[name]
      const decay = name === 'item.factor' ? 0 : l2
      for (let at = 0; at < w.length; at++) {
        const gradient = g[at] + decay * w[at]
        m[at] = beta1 * m[at] + (1 - beta1) * gradient
        v[at] = beta2 * v[at] + (1 - beta2) * gradient * gradient
        w[at] -= (rate * m[at]) / (Math.sqrt(v[at]) + epsilon)
      }
    }
  }
}

/** Bias and the encoder's rows of each row of a matrix, `[rows, hidden]`, before the sigmoid. */
function encode(matrix: CsrMatrix, rows: Uint32Array, table: Float32Array, bias: Float32Array, H: number) {
  const { rowOffsets, columns } = matrix
  const out = new Float32Array(rows.length * H)
  for (let row = 0; row < rows.length; row++) {
    const to = row * H
    for (let h = 0; h < H; h++) out[to + h] = bias[h]
    for (let p = rowOffsets[rows[row]]; p < rowOffsets[rows[row] + 1]; p++) {
      const from = columns[p] * H
      for (let h = 0; h < H; h++) out[to + h] += table[from + h]
    }
  }
  return out
}

/** The way back of `encode`. */
function scatter(
  matrix: CsrMatrix,
  rows: Uint32Array,
  deltas: Float32Array,
  gradient: Float32Array,
  byBias: Float32Array,
  H: number,
): void {
  const { rowOffsets, columns } = matrix
  for (let row = 0; row < rows.length; row++) {
    const from = row * H
    for (let h = 0; h < H; h++) byBias[h] += deltas[from + h]
    for (let p = rowOffsets[rows[row]]; p < rowOffsets[rows[row] + 1]; p++) {
      const to = columns[p] * H
      for (let h = 0; h < H; h++) gradient[to + h] += deltas[from + h]
    }
  }
}

function dot(a: Float32Array, rowA: number, b: Float32Array, rowB: number, H: number): number {
  let sum = 0
  for (let h = 0; h < H; h++) sum += a[rowA * H + h] * b[rowB * H + h]
  return sum
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

function arrays(of: (name: ParameterName) => Float32Array): Arrays {
  return Object.fromEntries(parameterNames.map((name) => [name, of(name)])) as Arrays
}
