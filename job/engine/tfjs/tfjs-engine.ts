import type { Scalar, Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import type { TopK } from '../../../shared/top-k.ts'
import { type CsrMatrix, transpose } from '../../data/csr-matrix.ts'
import { NightjarError } from '../../errors.ts'
import type { Block, Engine, EngineModel } from '../engine.ts'
import type { ModelSpec } from '../model-spec.ts'
import { type ModelState, type ParameterName, parameterNames } from '../model-state.ts'
import { topKOfScores } from '../top-k.ts'
import { Adam } from './adam.ts'
import { type BackendOps, backendOps } from './backend-ops.ts'
import { encodeItems, encodeUsers, lossAndGradients, takeNumbers, type Weights } from './gradients.ts'
import type { OpenBackend } from './open-backend.ts'
import { rowsOf, type SparseBlock, smallerBlocks, sparseBlock, take } from './sparse-block.ts'

/**
 * The step in operations of tfjs, for GPUs: on `tensorflow` (CUDA) or `webgpu`; on `wasm` and `cpu` to test it.
 *
 * On GPUs sums over rows are added up in no fixed order, so two runs of one seed agree closely and not to the bit.
 */
export function tfjsEngine(opened: OpenBackend): Engine {
  return {
    name: 'tfjs',
    threads: 1,
    backend: opened.name,
    device: opened.device,
    async create(spec, ratings, state) {
      return new TfjsModel(backendOps(opened), spec, ratings, state)
    },
  }
}

class TfjsModel implements EngineModel {
  readonly #ops: BackendOps
  readonly #spec: ModelSpec
  readonly #ratings: CsrMatrix
  readonly #raters: CsrMatrix
  readonly #adam: Adam
  #weights: Weights
  /** Hidden layers of the whole catalogue `[items, hidden]`; undefined where they are not of these weights. */
  #hiddenItems: Tensor2D | undefined

  constructor(ops: BackendOps, spec: ModelSpec, ratings: CsrMatrix, state: ModelState) {
    this.#ops = ops
    this.#spec = spec
    this.#ratings = ratings
    this.#raters = transpose(ratings)
    this.#weights = upload(ops, state.weights)
    this.#adam = new Adam(ops, spec, state.step, {
      first: upload(ops, state.firstMoments),
      second: upload(ops, state.secondMoments),
    })
  }

  async step(block: Block, meanwhile?: () => void): Promise<number> {
    const { tf } = this.#ops
    const sparse = sparseBlock(this.#ratings, this.#raters, block)
    this.#forgetHiddenItems()
    const before = this.#weights
    const { loss, gradients } = this.#lossAndGradients(sparse, block)
    const after = tf.tidy(() => this.#adam.update(before, gradients))
    tf.dispose(gradients)
    this.#weights = after
    tf.dispose(before)
    // All of that is queued on the device by now.
    meanwhile?.()
    const [value] = await loss.data()
    loss.dispose()
    this.#ops.afterStep?.()
    return value
  }

  async scores(users: Uint32Array): Promise<Float32Array> {
    const { tf, product } = this.#ops
    const { userComponent, itemComponent } = this.#spec
    const weights = this.#weights
    this.#hiddenItems ??= itemComponent ? tf.tidy(() => this.#encodeAllItems()) : undefined
    const scores = tf.tidy(() => {
      const outputs: Tensor[] = []
      if (userComponent) {
        const hidden = encodeUsers(this.#ops, weights, rowsOf(this.#ratings, users), take(users), 1)
        const sums = product(hidden, weights['user.decoder'] as Tensor2D, false, true)
        outputs.push(tf.sigmoid(tf.add(sums, weights['user.outputBias'] as Tensor1D)))
      }
      if (this.#hiddenItems !== undefined) {
        const decoder = this.#ops.sumRows(weights['item.decoder'] as Tensor2D, take(users))
        const bias = takeNumbers(this.#ops, weights['item.outputBias'] as Tensor1D, take(users))
        const sums = product(decoder, this.#hiddenItems, false, true)
        outputs.push(tf.sigmoid(tf.add(sums, tf.expandDims(bias, 1))))
      }
      return outputs.length === 1 ? outputs[0] : tf.mul(tf.add(outputs[0], outputs[1]), 0.5)
    })
    const values = (await scores.data()) as Float32Array
    scores.dispose()
    return values
  }

  async topK(users: Uint32Array, k: number, masked: CsrMatrix | undefined): Promise<TopK[]> {
    // Selected on the CPU: the backends' own top-k orders equal scores each in its way.
    return topKOfScores(await this.scores(users), users, k, masked)
  }

  async state(): Promise<ModelState> {
    const { step, first, second } = this.#adam
    return {
      step,
      weights: await download(this.#weights),
      firstMoments: await download(first),
      secondMoments: await download(second),
    }
  }

  close(): void {
    this.#forgetHiddenItems()
    this.#ops.tf.dispose(this.#weights)
    this.#adam.dispose()
  }

  #lossAndGradients(sparse: SparseBlock, { users, items }: Block): { loss: Scalar; gradients: Weights } {
    try {
      return this.#ops.tf.tidy(() => lossAndGradients(this.#ops, this.#spec, this.#weights, sparse))
    } catch (cause) {
      // What a backend throws when its memory is full is each one's own, and seldom says so: this can only guess.
      throw new NightjarError('BACKEND_FAILED', {
        what: `tfjs failed at a block of ${users.length} users x ${items.length} items: ${(cause as Error).message.split('\n')[0]}`,
        why: 'most likely the block, which is decoded whole, does not fit into the memory of the backend',
        fix: smallerBlocks,
        cause,
      })
    }
  }

  #encodeAllItems(): Tensor2D {
    const everyItem = Uint32Array.from({ length: this.#ratings.columnCount }, (_, item) => item)
    const raters = rowsOf(this.#raters, everyItem)
    return encodeItems(this.#ops, this.#spec, this.#weights, raters, take(everyItem)).hidden
  }

  #forgetHiddenItems(): void {
    this.#hiddenItems?.dispose()
    this.#hiddenItems = undefined
  }
}

/** Parameters on the device; none for what the model does not have. */
function upload({ tf }: BackendOps, parameters: ModelState['weights']): Weights {
  const there = parameterNames.filter((name) => parameters[name].data.length > 0)
  // A copy: tfjs does not always make one.
  return Object.fromEntries(
    there.map((name) => [name, tf.tensor(parameters[name].data.slice(), parameters[name].shape)]),
  )
}

async function download(weights: Weights): Promise<ModelState['weights']> {
  const entries = parameterNames.map(async (name) => {
    const tensor = weights[name]
    if (tensor === undefined) return [name, { shape: [0], data: new Float32Array(0) }] as const
    return [name, { shape: tensor.shape, data: (await tensor.data()).slice() as Float32Array }] as const
  })
  return Object.fromEntries(await Promise.all(entries)) as Record<
    ParameterName,
    { shape: number[]; data: Float32Array }
  >
}
