import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import type { ModelSpec } from '../model-spec.ts'
import type { ParameterName } from '../model-state.ts'
import type { BackendOps } from './backend-ops.ts'
import type { SegmentRows, SparseBlock } from './sparse-block.ts'

export type Weights = Partial<Record<ParameterName, Tensor>>

/**
 * The summed pair loss of a block and its gradients by every weight, L2 left out: the reference engine's step as
 * operations on whole tensors. tfjs has no gradients of sparse sums and gathers, so the way back is written out.
 *
 * The encoders are sparse. The block is decoded whole, `[batchUsers, batchItems]`: a GPU multiplies it faster than it
 * would fetch the sampled cells one by one. Must run within `tf.tidy`.
 */
export function lossAndGradients(
  ops: BackendOps,
  spec: ModelSpec,
  weights: Weights,
  block: SparseBlock,
): { loss: Scalar; gradients: Weights } {
  const { tf } = ops
  const scale = spec.userComponent && spec.itemComponent ? 0.5 : 1
  const user = spec.userComponent ? forwardUsers(ops, weights, block) : undefined
  const item = spec.itemComponent ? forwardItems(ops, spec, weights, block) : undefined
  const outputs = user && item ? tf.add(user.out, item.out) : (user ?? item!).out
  const scores = tf.mul(outputs, scale)

  const { loss, byScore } = pairLoss(ops, spec, scores as Tensor2D, block)
  const byOutput = tf.mul(byScore, scale) as Tensor2D
  return {
    loss,
    gradients: {
      ...(user && backwardUsers(ops, spec, user, throughSigmoid(ops, byOutput, user.out), block)),
      ...(item && backwardItems(ops, spec, item, throughSigmoid(ops, byOutput, item.out), block)),
    },
  }
}

/** out = sigma(h W^U + b2^U), h = sigma(R V^U + b1^U). `[batchUsers, batchItems]`, `[batchUsers, hidden]` */
function forwardUsers(ops: BackendOps, weights: Weights, block: SparseBlock) {
  const { tf, product } = ops
  const hidden = encodeUsers(ops, weights, block.ratings, block.takeUsers, block.ratingScale)
  const decoder = ops.sumRows(weights['user.decoder'] as Tensor2D, block.takeItems) // [batchItems, hidden]
  const bias = takeNumbers(ops, weights['user.outputBias'] as Tensor1D, block.takeItems)
  const out = tf.sigmoid(tf.add(product(hidden, decoder, false, true), bias))
  return { hidden, decoder, out: out as Tensor2D }
}

/** out = sigma(h W^I + b2^I) transposed, h = sigma(sum * f). `[batchUsers, batchItems]`, `[batchItems, hidden]` */
function forwardItems(ops: BackendOps, spec: ModelSpec, weights: Weights, block: SparseBlock) {
  const { tf, product } = ops
  const encoded = encodeItems(ops, spec, weights, block.raters, block.takeItems)
  const decoder = ops.sumRows(weights['item.decoder'] as Tensor2D, block.takeUsers) // [batchUsers, hidden]
  const bias = takeNumbers(ops, weights['item.outputBias'] as Tensor1D, block.takeUsers)
  const sums = tf.add(product(decoder, encoded.hidden, false, true), tf.expandDims(bias, 1))
  return { ...encoded, decoder, out: tf.sigmoid(sums) as Tensor2D }
}

/** sigma(scale R V^U + b1^U) for some users, with their vectors in the sum where the model has any. `[users, hidden]` */
export function encodeUsers(
  ops: BackendOps,
  weights: Weights,
  ratings: SegmentRows,
  users: SegmentRows,
  scale: number,
): Tensor2D {
  const { tf } = ops
  const gathered = scaled(ops, ops.sumRows(weights['user.encoder'] as Tensor2D, ratings), scale)
  const sum = tf.add(gathered, weights['user.hiddenBias'] as Tensor1D) as Tensor2D
  const vectors = weights['user.vector'] as Tensor2D | undefined
  return tf.sigmoid(vectors === undefined ? sum : (tf.add(sum, ops.sumRows(vectors, users)) as Tensor2D))
}

function scaled({ tf }: BackendOps, tensor: Tensor2D, scale: number): Tensor2D {
  return scale === 1 ? tensor : (tf.mul(tensor, scale) as Tensor2D)
}

/** sigma((R^T V^I + b1^I) * f) for some items, the sum before f, and f itself, `[items, 1]`. */
export function encodeItems(
  ops: BackendOps,
  spec: ModelSpec,
  weights: Weights,
  raters: SegmentRows,
  items: SegmentRows,
): { hidden: Tensor2D; sum: Tensor2D; factor: Tensor | undefined } {
  const { tf } = ops
  const gathered = ops.sumRows(weights['item.encoder'] as Tensor2D, raters)
  const sum = tf.add(gathered, weights['item.hiddenBias'] as Tensor1D) as Tensor2D
  if (!spec.itemFactor) return { hidden: tf.sigmoid(sum), sum, factor: undefined }
  const factor = tf.expandDims(takeNumbers(ops, weights['item.factor'] as Tensor1D, items), 1)
  return { hidden: tf.sigmoid(tf.mul(sum, factor) as Tensor2D), sum, factor }
}

/** The pairs' loss, and its derivatives by the score of every cell: zeros where none was sampled. */
function pairLoss(ops: BackendOps, spec: ModelSpec, scores: Tensor2D, { positives, negatives }: SparseBlock) {
  const { tf } = ops
  const cells = scores.size
  if (positives.length === 0) return { loss: tf.scalar(0), byScore: tf.zerosLike(scores) }
  const flat = tf.reshape(scores, [cells])
  const places = (cellPlaces: Int32Array) => tf.tensor2d(cellPlaces, [cellPlaces.length, 1])
  const positive = tf.gatherND(flat, places(positives)) // [pairs]
  const negative = tf.gatherND(flat, places(negatives))
  const { loss, byPositive, byNegative } = differentiate(ops, spec, positive, negative)
  const both = new Int32Array(2 * positives.length)
  both.set(positives)
  both.set(negatives, positives.length)
  // A negative that was drawn twice adds up.
  const byScore = tf.scatterND(places(both), tf.concat([byPositive, byNegative]), [cells])
  return { loss, byScore: tf.reshape(byScore, scores.shape) }
}

/** The losses of the reference engine, summed, and their derivatives by both scores. */
function differentiate({ tf }: BackendOps, spec: ModelSpec, positive: Tensor, negative: Tensor) {
  if (spec.loss === 'hinge') {
    const short = tf.add(tf.sub(negative, positive), spec.margin)
    const active = tf.cast(tf.greater(short, 0), 'float32')
    return { loss: tf.sum(tf.relu(short)) as Scalar, byPositive: tf.neg(active), byNegative: active }
  }
  if (spec.loss === 'mse') {
    const short = tf.sub(1, positive)
    return {
      loss: tf.sum(tf.add(tf.square(short), tf.square(negative))) as Scalar,
      byPositive: tf.mul(short, -2),
      byNegative: tf.mul(negative, 2),
    }
  }
  const wrong = tf.sigmoid(tf.sub(negative, positive))
  const loss = tf.neg(tf.sum(tf.log(tf.sub(1, wrong)))) as Scalar
  return { loss, byPositive: tf.neg(wrong), byNegative: wrong }
}

function backwardUsers(
  ops: BackendOps,
  spec: ModelSpec,
  { hidden, decoder }: ReturnType<typeof forwardUsers>,
  bySum: Tensor2D,
  block: SparseBlock,
): Weights {
  const { tf, product } = ops
  const delta = throughSigmoid(ops, product(bySum, decoder), hidden) // [batchUsers, hidden]
  return {
    'user.encoder': scaled(ops, ops.sumRows(delta, block.ratingsByItem), block.ratingScale),
    'user.hiddenBias': tf.sum(delta, 0),
    'user.decoder': ops.sumRows(product(bySum, hidden, true), block.putItems),
    'user.outputBias': putNumbers(ops, tf.sum(bySum, 0), block.takeItems, block.putItems.count),
    ...(spec.userVector && { 'user.vector': ops.sumRows(delta, block.putUsers) }),
  }
}

function backwardItems(
  ops: BackendOps,
  spec: ModelSpec,
  { hidden, sum, factor, decoder }: ReturnType<typeof forwardItems>,
  bySum: Tensor2D,
  block: SparseBlock,
): Weights {
  const { tf, product } = ops
  const byProduct = throughSigmoid(ops, product(bySum, decoder, true), hidden) // [batchItems, hidden]
  const delta = (factor === undefined ? byProduct : tf.mul(byProduct, factor)) as Tensor2D
  const items = block.putItems.count
  return {
    'item.encoder': ops.sumRows(delta, block.ratersByUser),
    'item.hiddenBias': tf.sum(delta, 0),
    'item.decoder': ops.sumRows(product(bySum, hidden), block.putUsers),
    'item.outputBias': putNumbers(ops, tf.sum(bySum, 1), block.takeUsers, block.putUsers.count),
    ...(spec.itemFactor && {
      'item.factor': putNumbers(ops, tf.sum(tf.mul(byProduct, sum), 1), block.takeItems, items),
    }),
  }
}

/** A gradient by a sigmoid's output, carried through it: `g * out * (1 - out)`. */
function throughSigmoid({ tf }: BackendOps, byOutput: Tensor2D, out: Tensor2D): Tensor2D {
  return tf.mul(byOutput, tf.mul(out, tf.sub(1, out)))
}

/** Some numbers of a vector. */
export function takeNumbers({ tf }: BackendOps, vector: Tensor1D, { indices, count }: SegmentRows): Tensor1D {
  return tf.gatherND(vector, tf.tensor2d(indices, [count, 1])) as Tensor1D
}

/** Numbers put at their places in a vector of zeros. */
function putNumbers(
  { tf }: BackendOps,
  numbers: Tensor,
  { indices, count }: SegmentRows,
  length: number,
): Tensor {
  return tf.scatterND(tf.tensor2d(indices, [count, 1]), numbers, [length])
}
