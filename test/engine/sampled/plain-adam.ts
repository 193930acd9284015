/** Tables of weights in float64. */
export type Tables = Record<string, Float64Array>

/** Adam's memory of them. */
export interface Moments {
  step: number
  first: Tables
  second: Tables
}

export function noMoments(tables: Tables): Moments {
  const zeros = () =>
    Object.fromEntries(Object.entries(tables).map(([name, { length }]) => [name, new Float64Array(length)]))
  return { step: 0, first: zeros(), second: zeros() }
}

/**
 * A step of Adam, epsilon outside the bias correction, in plain loops.
 *
 * @param moves whether a weight is moved at all; its moments rest with it
 */
export function plainAdam(
  tables: Tables,
  gradients: Tables,
  moments: Moments,
  learningRate: number,
  moves: (name: string, at: number) => boolean,
): void {
  moments.step++
  const size = (learningRate * Math.sqrt(1 - 0.999 ** moments.step)) / (1 - 0.9 ** moments.step)
  for (const [name, weights] of Object.entries(tables)) {
    const [first, second] = [moments.first[name], moments.second[name]]
    for (let at = 0; at < weights.length; at++) {
      if (!moves(name, at)) continue
      const gradient = gradients[name][at]
      first[at] = 0.9 * first[at] + 0.1 * gradient
      second[at] = 0.999 * second[at] + 0.001 * gradient * gradient
      weights[at] -= (size * first[at]) / (Math.sqrt(second[at]) + 1e-8)
    }
  }
}

/** The largest difference between a gradient and the finite differences of its loss, at every `stride`-th weight. */
export function furthestFromDifferences(
  tables: Tables,
  gradients: Tables,
  loss: () => number,
  stride: number,
): { furthest: number; checked: number } {
  const step = 1e-6
  let furthest = 0
  let checked = 0
  for (const [name, weights] of Object.entries(tables)) {
    for (let at = 0; at < weights.length; at += stride) {
      const held = weights[at]
      weights[at] = held + step
      const above = loss()
      weights[at] = held - step
      const below = loss()
      weights[at] = held
      furthest = Math.max(furthest, Math.abs(gradients[name][at] - (above - below) / (2 * step)))
      if (above !== below) checked++
    }
  }
  return { furthest, checked }
}
