import { describe, expect, it } from 'vitest'
import { Random } from '../../../job/data/random.ts'
import { symmetricEigen } from '../../../job/engine/linear/symmetric-eigen.ts'

/** B^T B, of `rank` random rows. */
function gram(n: number, rank: number): Float64Array {
  const random = new Random(3)
  const rows = Array.from({ length: rank }, () => Float64Array.from({ length: n }, () => random.next() - 0.5))
  return Float64Array.from({ length: n * n }, (_, cell) => {
    const [i, j] = [Math.floor(cell / n), cell % n]
    return rows.reduce((sum, row) => sum + row[i] * row[j], 0)
  })
}

const matrices: Record<string, { n: number; matrix: Float64Array }> = {
  'one number': { n: 1, matrix: Float64Array.of(3) },
  'two by two': { n: 2, matrix: Float64Array.of(2, -1, -1, 2) },
  'a diagonal': { n: 4, matrix: Float64Array.of(3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1) },
  'all zeros': { n: 5, matrix: new Float64Array(25) },
  'a Gram matrix of full rank': { n: 40, matrix: gram(40, 90) },
  'one of low rank': { n: 40, matrix: gram(40, 7) },
}

describe('eigenvectors of a symmetric matrix', () => {
  for (const [name, { n, matrix }] of Object.entries(matrices)) {
    it(`of ${name}: orthogonal, and A v = s v`, () => {
      const { values, vectors } = symmetricEigen(matrix.slice(), n)
      const size = Math.max(1e-300, ...values.map(Math.abs))
      for (let i = 0; i < n; i++) {
        const v = vectors.subarray(i * n, (i + 1) * n)
        for (let j = 0; j < n; j++) {
          const w = vectors.subarray(j * n, (j + 1) * n)
          const dot = v.reduce((sum, x, k) => sum + x * w[k], 0)
          expect(Math.abs(dot - (i === j ? 1 : 0))).toBeLessThan(1e-13)
          let image = 0
          for (let k = 0; k < n; k++) image += matrix[j * n + k] * v[k]
          expect(Math.abs(image - values[i] * v[j]) / size).toBeLessThan(1e-13)
        }
      }
    })
  }
})
