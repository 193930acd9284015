import type { Scalar, Tensor, Tensor2D, Variable } from '@tensorflow/tfjs-core'
import { type CsrMatrix, rowOf, transpose } from '../../job/data/csr-matrix.ts'
import type { Block } from '../../job/engine/engine.ts'
import type { ModelSpec } from '../../job/engine/model-spec.ts'
import { type ModelState, parameterNames } from '../../job/engine/model-state.ts'
import type { Tfjs } from '../../job/engine/tfjs/open-backend.ts'
import { registerDenseGradients } from './dense-gradients.ts'

/**
 * One step as the paper's TensorFlow program has it, in tfjs with automatic gradients and its own optimizer: dense rows of R go
 * in, `batchUsers x items` and `users x batchItems` cells come out, and all but the block's sampled pairs are thrown away.
 */
export class DenseGraph {
  readonly #tf: Tfjs
  readonly #spec: ModelSpec
  readonly #ratings: CsrMatrix
  readonly #raters: CsrMatrix
  readonly #weights: Record<string, Variable>
  readonly #optimizer

  constructor(tf: Tfjs, spec: ModelSpec, ratings: CsrMatrix, { weights }: ModelState) {
    registerDenseGradients(tf)
    this.#tf = tf
    this.#spec = spec
    this.#ratings = ratings
    this.#raters = transpose(ratings)
    this.#weights = Object.fromEntries(
      parameterNames.map((name) => [name, tf.variable(tf.tensor(weights[name].data, weights[name].shape))]),
    )
    const { learningRate, beta1, beta2, epsilon } = spec.adam
    this.#optimizer = new tf.AdamOptimizer(learningRate, beta1, beta2, epsilon)
  }

  async step({ users, items, pairOffsets, cells }: Block): Promise<number> {
    const tf = this.#tf
    const w = this.#weights
    const itemCount = this.#ratings.columnCount
    const userCount = this.#ratings.rowCount
    const places = (which: 0 | 1, place: (u: number, i: number) => number): Tensor2D => {
      const flat = new Int32Array(cells.length / 2)
      for (let u = 0; u < users.length; u++) {
        for (let pair = pairOffsets[u]; pair < pairOffsets[u + 1]; pair++) {
          flat[pair] = place(u, cells[2 * pair + which])
        }
      }
      return tf.tensor2d(flat, [flat.length, 1])
    }
    // Inputs stand outside the differentiated function: their places are needed on the way back.
    const input = {
      users: dense(tf, this.#ratings, users),
      items: dense(tf, this.#raters, items),
      itemPlaces: tf.tensor2d(Int32Array.from(items), [items.length, 1]),
      byUser: ([0, 1] as const).map((which) => places(which, (u, i) => u * itemCount + items[i])),
      byItem: ([0, 1] as const).map((which) => places(which, (u, i) => i * userCount + users[u])),
    }
    const cost = this.#optimizer.minimize(() => {
      const sumU = tf.add(tf.matMul(input.users, w['user.encoder'] as Tensor2D), w['user.hiddenBias'])
      const sumI = tf.add(tf.matMul(input.items, w['item.encoder'] as Tensor2D), w['item.hiddenBias'])
      const factor = tf.expandDims(this.#pick(w['item.factor'], input.itemPlaces), 1)
      const outU = this.#decode(tf.sigmoid(sumU) as Tensor2D, 'user')
      const outI = this.#decode(tf.sigmoid(tf.mul(sumI, factor)) as Tensor2D, 'item')
      const [positive, negative] = [0, 1].map((which) =>
        tf.mul(tf.add(this.#pick(outU, input.byUser[which]), this.#pick(outI, input.byItem[which])), 0.5),
      )
      const hinge = tf.sum(tf.relu(tf.add(tf.sub(negative, positive), this.#spec.margin)))
      const decayed = parameterNames.filter((name) => name !== 'item.factor')
      const squares = decayed.map((name) => tf.sum(tf.square(w[name])) as Scalar)
      return tf.add(hinge, tf.mul(tf.addN(squares), this.#spec.l2 / 2)) as Scalar
    }, true) as Scalar
    const [value] = await cost.data()
    cost.dispose()
    tf.dispose(input)
    return value
  }

  /** Every output of a component, flat. */
  #decode(hidden: Tensor2D, component: 'user' | 'item'): Tensor {
    const tf = this.#tf
    const decoder = this.#weights[`${component}.decoder`] as Tensor2D
    const out = tf.sigmoid(
      tf.add(tf.matMul(hidden, tf.transpose(decoder)), this.#weights[`${component}.outputBias`]),
    )
    return tf.reshape(out, [out.size])
  }

  /** Numbers of a vector by place. tfjs has no gradient of gatherND, so it is given one. */
  #pick(vector: Tensor, places: Tensor2D): Tensor {
    const tf = this.#tf
    return tf.customGrad((x) => ({
      value: tf.gatherND(x as Tensor, places),
      gradFunc: (dy) => tf.scatterND(places, dy as Tensor, (x as Tensor).shape as [number]),
    }))(vector)
  }
}

/** Some rows of a sparse matrix, every cell. */
function dense(tf: Tfjs, matrix: CsrMatrix, rows: Uint32Array): Tensor2D {
  const cells = new Float32Array(rows.length * matrix.columnCount)
  rows.forEach((row, local) => {
    for (const column of rowOf(matrix, row)) cells[local * matrix.columnCount + column] = 1
  })
  return tf.tensor2d(cells, [rows.length, matrix.columnCount])
}
