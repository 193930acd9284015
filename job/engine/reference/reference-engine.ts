import type { TopK } from '../../../shared/top-k.ts'
import { type CsrMatrix, rowOf, transpose } from '../../data/csr-matrix.ts'
import type { Block, CorruptedInput, Engine, EngineModel } from '../engine.ts'
import { adamStepSize, type ModelSpec } from '../model-spec.ts'
import { type ModelState, type ParameterName, parameterNames, type Tensor } from '../model-state.ts'
import { topKOfScores } from '../top-k.ts'

/**
 * JCA in plain float64 loops: the definition that the fast engines are tested against, and that finite
 * differences test. Slow on purpose; read it beside docs/maths.md.
 */
export const referenceEngine: Engine = {
  name: 'reference',
  threads: 1,
  async create(spec, ratings, state) {
    return new ReferenceModel(spec, ratings, state)
  },
}

/** One row of numbers per parameter, flat. */
export type Parameters64 = Record<ParameterName, Float64Array>

/** A user's cells, and what each of them counts. */
type UserInput = Pick<CorruptedInput, 'scale'> & { items: Uint32Array }

export class ReferenceModel implements EngineModel {
  readonly spec: ModelSpec
  readonly #ratings: CsrMatrix
  readonly #raters: CsrMatrix
  readonly weights: Parameters64
  readonly #firstMoments: Parameters64
  readonly #secondMoments: Parameters64
  readonly #shapes: Record<ParameterName, Tensor>
  #steps: number

  constructor(spec: ModelSpec, ratings: CsrMatrix, state: ModelState) {
    this.spec = spec
    this.#ratings = ratings
    this.#raters = transpose(ratings)
    this.weights = widen(state.weights)
    this.#firstMoments = widen(state.firstMoments)
    this.#secondMoments = widen(state.secondMoments)
    this.#shapes = state.weights
    this.#steps = state.step
  }

  async step(block: Block, meanwhile?: () => void): Promise<number> {
    meanwhile?.()
    const { loss, gradients } = this.lossAndGradients(block)
    this.#adam(gradients)
    return loss
  }

  /** The summed pair loss of a block and its gradients, L2 left out of both. */
  lossAndGradients(block: Block): { loss: number; gradients: Parameters64 } {
    const { spec, weights } = this
    const H = spec.hidden
    const scale = spec.userComponent && spec.itemComponent ? 0.5 : 1
    const gradients = Object.fromEntries(
      parameterNames.map((name) => [name, new Float64Array(weights[name].length)]),
    ) as Parameters64

    const hiddenU = Array.from(block.users, (user, u) => this.#encodeUser(user, this.#input(block, u)))
    const hiddenI = Array.from(block.items, (item) => this.#encodeItem(item))
    // Gradients of the loss by the hidden layers' outputs, summed over the cells that read them.
    const byHiddenU = hiddenU.map(() => new Float64Array(H))
    const byHiddenI = hiddenI.map(() => new Float64Array(H))

    let loss = 0
    for (let u = 0; u < block.users.length; u++) {
      for (let p = block.pairOffsets[u]; p < block.pairOffsets[u + 1]; p++) {
        const cells = [block.cells[2 * p], block.cells[2 * p + 1]].map((i) => {
          const user = block.users[u]
          const item = block.items[i]
          const outU = spec.userComponent ? this.#decodeUser(hiddenU[u], item) : 0
          const outI = spec.itemComponent ? this.#decodeItem(hiddenI[i].out, user) : 0
          return { i, user, item, outU, outI, score: scale * (outU + outI) }
        })
        const pair = pairLoss(spec, cells[0].score, cells[1].score)
        loss += pair.loss
        for (const [cell, byScore] of [
          [cells[0], pair.byPositive],
          [cells[1], pair.byNegative],
        ] as const) {
          if (spec.userComponent) {
            // Through the output sigmoid, to the decoder's row of this item and to the user's hidden layer.
            const g = byScore * scale * cell.outU * (1 - cell.outU)
            gradients['user.outputBias'][cell.item] += g
            for (let h = 0; h < H; h++) {
              gradients['user.decoder'][cell.item * H + h] += g * hiddenU[u][h]
              byHiddenU[u][h] += g * weights['user.decoder'][cell.item * H + h]
            }
          }
          if (spec.itemComponent) {
            const g = byScore * scale * cell.outI * (1 - cell.outI)
            gradients['item.outputBias'][cell.user] += g
            for (let h = 0; h < H; h++) {
              gradients['item.decoder'][cell.user * H + h] += g * hiddenI[cell.i].out[h]
              byHiddenI[cell.i][h] += g * weights['item.decoder'][cell.user * H + h]
            }
          }
        }
      }
    }

    if (spec.userComponent) {
      for (let u = 0; u < block.users.length; u++) {
        for (let h = 0; h < H; h++) {
          const g = byHiddenU[u][h] * hiddenU[u][h] * (1 - hiddenU[u][h])
          gradients['user.hiddenBias'][h] += g
          if (spec.userVector) gradients['user.vector'][block.users[u] * H + h] += g
          const { items, scale } = this.#input(block, u)
          for (const item of items) gradients['user.encoder'][item * H + h] += scale * g
        }
      }
    }
    if (spec.itemComponent) {
      for (let i = 0; i < block.items.length; i++) {
        const item = block.items[i]
        const { out, sum } = hiddenI[i]
        const factor = spec.itemFactor ? weights['item.factor'][item] : 1
        for (let h = 0; h < H; h++) {
          const byProduct = byHiddenI[i][h] * out[h] * (1 - out[h])
          if (spec.itemFactor) gradients['item.factor'][item] += byProduct * sum[h]
          const g = byProduct * factor
          gradients['item.hiddenBias'][h] += g
          for (const user of rowOf(this.#raters, item)) gradients['item.encoder'][user * H + h] += g
        }
      }
    }
    return { loss, gradients }
  }

  async scores(users: Uint32Array): Promise<Float32Array> {
    const { spec } = this
    const itemCount = this.#ratings.columnCount
    const scale = spec.userComponent && spec.itemComponent ? 0.5 : 1
    const scores = new Float32Array(users.length * itemCount)
    const hiddenI = spec.itemComponent
      ? Array.from({ length: itemCount }, (_, item) => this.#encodeItem(item).out)
      : []
    users.forEach((user, row) => {
      const hiddenU = this.#encodeUser(user, { items: rowOf(this.#ratings, user), scale: 1 })
      for (let item = 0; item < itemCount; item++) {
        const outU = spec.userComponent ? this.#decodeUser(hiddenU, item) : 0
        const outI = spec.itemComponent ? this.#decodeItem(hiddenI[item], user) : 0
        scores[row * itemCount + item] = scale * (outU + outI)
      }
    })
    return scores
  }

  async topK(users: Uint32Array, k: number, masked: CsrMatrix | undefined): Promise<TopK[]> {
    return topKOfScores(await this.scores(users), users, k, masked)
  }

  async state(): Promise<ModelState> {
    return {
      step: this.#steps,
      weights: narrow(this.weights, this.#shapes),
      firstMoments: narrow(this.#firstMoments, this.#shapes),
      secondMoments: narrow(this.#secondMoments, this.#shapes),
    }
  }

  close(): void {}

  /** What the user component reads of local user `u`: their row of R, or what corruption left of it. */
  #input({ users, userInput }: Block, u: number): UserInput {
    return userInput === undefined
      ? { items: rowOf(this.#ratings, users[u]), scale: 1 }
      : { items: rowOf(userInput.kept, u), scale: userInput.scale }
  }

  /** sigma(R_u V^U + b1^U), with the user's vector in the sum where the model has one. `[hidden]` */
  #encodeUser(user: number, { items, scale }: UserInput): Float64Array {
    const H = this.spec.hidden
    if (!this.spec.userComponent) return new Float64Array(H)
    const sum = this.weights['user.hiddenBias'].slice()
    for (const item of items) {
      for (let h = 0; h < H; h++) sum[h] += scale * this.weights['user.encoder'][item * H + h]
    }
    if (this.spec.userVector) {
      for (let h = 0; h < H; h++) sum[h] += this.weights['user.vector'][user * H + h]
    }
    return sum.map(sigmoid)
  }

  /** sigma((R^T_i V^I + b1^I) * f_i), and the sum before f, each `[hidden]` */
  #encodeItem(item: number): { out: Float64Array; sum: Float64Array } {
    const H = this.spec.hidden
    if (!this.spec.itemComponent) return { out: new Float64Array(H), sum: new Float64Array(H) }
    const sum = this.weights['item.hiddenBias'].slice()
    for (const user of rowOf(this.#raters, item)) {
      for (let h = 0; h < H; h++) sum[h] += this.weights['item.encoder'][user * H + h]
    }
    const factor = this.spec.itemFactor ? this.weights['item.factor'][item] : 1
    return { out: sum.map((x) => sigmoid(x * factor)), sum }
  }

  /** sigma(h_u W^U_i + b2^U_i) */
  #decodeUser(hidden: Float64Array, item: number): number {
    return sigmoid(dot(hidden, this.weights['user.decoder'], item) + this.weights['user.outputBias'][item])
  }

  /** sigma(h_i W^I_u + b2^I_u) */
  #decodeItem(hidden: Float64Array, user: number): number {
    return sigmoid(dot(hidden, this.weights['item.decoder'], user) + this.weights['item.outputBias'][user])
  }

  #adam(gradients: Parameters64): void {
    const { l2, adam } = this.spec
    this.#steps++
    const stepSize = adamStepSize(adam, this.#steps)
    for (const name of parameterNames) {
      const w = this.weights[name]
      const m = this.#firstMoments[name]
      const v = this.#secondMoments[name]
      const decay = name === 'item.factor' ? 0 : l2
      for (let i = 0; i < w.length; i++) {
        const g = gradients[name][i] + decay * w[i]
        m[i] = adam.beta1 * m[i] + (1 - adam.beta1) * g
        v[i] = adam.beta2 * v[i] + (1 - adam.beta2) * g * g
        w[i] -= (stepSize * m[i]) / (Math.sqrt(v[i]) + adam.epsilon)
      }
    }
  }
}

/**
 * One pair's loss and its derivatives by the two scores.
 *
 * hinge: max(0, negative - positive + margin), eq. 3 of the paper. mse: (1 - positive)^2 + negative^2.
 * bpr: -ln sigma(positive - negative).
 */
function pairLoss(
  spec: ModelSpec,
  positive: number,
  negative: number,
): { loss: number; byPositive: number; byNegative: number } {
  if (spec.loss === 'hinge') {
    const loss = negative - positive + spec.margin
    return loss > 0 ? { loss, byPositive: -1, byNegative: 1 } : { loss: 0, byPositive: 0, byNegative: 0 }
  }
  if (spec.loss === 'mse') {
    const short = 1 - positive
    return { loss: short ** 2 + negative ** 2, byPositive: -2 * short, byNegative: 2 * negative }
  }
  const wrong = sigmoid(negative - positive)
  return { loss: -Math.log1p(-wrong), byPositive: -wrong, byNegative: wrong }
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

function dot(hidden: Float64Array, table: Float64Array, row: number): number {
  let sum = 0
  for (let h = 0; h < hidden.length; h++) sum += hidden[h] * table[row * hidden.length + h]
  return sum
}

function widen(tensors: Record<ParameterName, Tensor>): Parameters64 {
  return Object.fromEntries(
    parameterNames.map((name) => [name, Float64Array.from(tensors[name].data)]),
  ) as Parameters64
}

function narrow(values: Parameters64, shapes: Record<ParameterName, Tensor>): Record<ParameterName, Tensor> {
  return Object.fromEntries(
    parameterNames.map((name) => [
      name,
      { shape: shapes[name].shape, data: Float32Array.from(values[name]) },
    ]),
  ) as Record<ParameterName, Tensor>
}
