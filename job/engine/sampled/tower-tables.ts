import { Random } from '../../data/random.ts'

export interface TowerOptions {
  /** Length of an embedding of the generalized matrix factorization, a multiple of 4. */
  factors: number
  /** Length of an embedding of the perceptron, a multiple of 32: two of them go into its first layer. */
  embedding: number
  learningRate: number
  /** Strength of `l2 / 2 * (sum of squares of the user's and the item's factors)` beside the loss of each sample. */
  l2: number
  /** The same for the embeddings of the perceptron. */
  l2Perceptron: number
  negativesPerPositive: number
  /** Observed cells of a step, each with all its negatives. */
  batchCells: number
}

/** Hidden layers of the perceptron behind the two embeddings. */
export const layerCount = 3

/** Neurons of layer `layer`: of layer 0 the user's and the item's embedding together, of each other half as many as before. */
export function neurons({ embedding }: { embedding: number }, layer: number): number {
  return (2 * embedding) >> layer
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

/** Of the embeddings of the factors at the start, and of those of the perceptron. */
const startDeviation = { factors: 0.1, embedding: 0.01 }

/**
 * A table before the first step. Embeddings and layers are truncated normal, layers with a deviation of
 * sqrt(2 / neurons before), which keeps the size of what passes through rectifiers. The output neuron reads the factors with
 * weight 1 and the perceptron with 0: fitting begins as matrix factorization, and the perceptron adds what that leaves over.
 * Loud from the start, it would learn first, and learn by heart (docs/log.md). Biases are 0.
 */
export function startingTable(name: string, shapes: Record<string, number[]>, seed: number): Float32Array {
  const shape = shapes[name]
  const table = new Float32Array(shape.reduce((product, n) => product * n, 1))
  if (name === 'head') return table.fill(1, 0, shapes['user.factors'][1])
  if (name.endsWith('.bias')) return table
  const random = new Random(seed, 0, Object.keys(shapes).indexOf(name) + 1)
  const deviation = isEmbedding(name)
    ? startDeviation[name.endsWith('.factors') ? 'factors' : 'embedding']
    : Math.sqrt(2 / shape[0])
  return table.map(() => deviation * random.truncatedNormal())
}
