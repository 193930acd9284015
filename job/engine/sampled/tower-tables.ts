import { Random } from '../../data/random.ts'

export interface TowerOptions {
  /** Length of an embedding of the generalized matrix factorization, a multiple of 4. */
  factors: number
  /** Length of an embedding of the perceptron, a multiple of 8. */
  embedding: number
  /** Neurons of the first hidden layer, a multiple of 64; each of the three behind it has half as many. */
  hidden: number
  learningRate: number
  /** Strength of `l2 / 2 * (sum of squares of the user's and the item's embeddings)` beside the loss of each sample. */
  l2: number
  negativesPerPositive: number
  /** Observed cells of a step, each with all its negatives. */
  batchCells: number
}

/** Hidden layers of the perceptron. */
export const layerCount = 4

/** Neurons of hidden layer `layer`, counted from 1; of layer 0 the user's and the item's embedding together. */
export function neurons({ embedding, hidden }: TowerOptions, layer: number): number {
  return layer === 0 ? 2 * embedding : hidden >> (layer - 1)
}

/**
 * Shapes of what is fitted. The first rows of `layer.1.weights` belong to the user's embedding, the others to the
 * item's; `head` is the output neuron: weights of the factors, weights of the last hidden layer, bias.
 */
export function towerShapes(
  options: TowerOptions,
  userCount: number,
  itemCount: number,
): Record<string, number[]> {
  const { factors, embedding } = options
  const shapes: Record<string, number[]> = {
    'user.factors': [userCount, factors],
    'item.factors': [itemCount, factors],
    'user.embedding': [userCount, embedding],
    'item.embedding': [itemCount, embedding],
  }
  for (let layer = 1; layer <= layerCount; layer++) {
    shapes[`layer.${layer}.weights`] = [neurons(options, layer - 1), neurons(options, layer)]
    shapes[`layer.${layer}.bias`] = [neurons(options, layer)]
  }
  shapes.head = [factors + neurons(options, layerCount) + 1]
  return shapes
}

/** Whether a table has a row for every user or item. */
export function isEmbedding(name: string): boolean {
  return /^(user|item)\./.test(name)
}

/** Of the embeddings at the start. */
const startDeviation = 0.1

/**
 * A table before the first step: embeddings and layers are truncated normal, layers with a deviation of
 * sqrt(2 / neurons before), which keeps the size of what passes through rectifiers; the weights of the factors are 1, where
 * their part is plain matrix factorization; biases are 0.
 */
export function startingTable(name: string, shapes: Record<string, number[]>, seed: number): Float32Array {
  const shape = shapes[name]
  const table = new Float32Array(shape.reduce((product, n) => product * n, 1))
  const random = new Random(seed, 0, Object.keys(shapes).indexOf(name) + 1)
  const factors = shapes['user.factors'][1]
  if (name === 'head') {
    const last = table.length - factors - 1
    return table.map((_, at) => {
      if (at < factors) return 1
      return at < table.length - 1 ? random.truncatedNormal() / Math.sqrt(last) : 0
    })
  }
  if (name.endsWith('.bias')) return table
  const deviation = isEmbedding(name) ? startDeviation : Math.sqrt(2 / shape[0])
  return table.map(() => deviation * random.truncatedNormal())
}
