/**
 * Eigenvalues and eigenvectors of a symmetric matrix, in float64: Householder reflections to a tridiagonal matrix, then
 * implicit QL steps with Wilkinson's shift. Plain loops over rows that lie one behind the other.
 *
 * @param matrix `[n, n]` by rows; destroyed
 * @returns eigenvalues in no order, `[n]`, and as many eigenvectors, one a row, `[n, n]`
 * @see Golub, Van Loan: Matrix Computations, 4th edition, sections 8.3.1 and 8.3.3
 */
export function symmetricEigen(
  matrix: Float64Array,
  n: number,
): { values: Float64Array; vectors: Float64Array } {
  const { diagonal, beside, vectors } = tridiagonal(matrix, n)
  diagonalize(diagonal, beside, vectors, n)
  return { values: diagonal, vectors }
}

/**
 * A = Q T Q^T. Reflection k takes everything below the diagonal's neighbour out of column k; its vector v is kept in that
 * column's row, where nothing else is looked for any more.
 */
function tridiagonal(a: Float64Array, n: number) {
  const diagonal = new Float64Array(n)
  const beside = new Float64Array(n)
  const factors = new Float64Array(n)
  const product = new Float64Array(n)
  for (let k = 0; k < n - 1; k++) {
    const v = a.subarray(k * n, (k + 1) * n)
    diagonal[k] = v[k]
    let square = 0
    for (let i = k + 1; i < n; i++) square += v[i] * v[i]
    const length = Math.sqrt(square)
    const head = v[k + 1]
    beside[k] = head > 0 ? -length : length
    if (square - head * head === 0) {
      // Nothing to take out.
      beside[k] = head
      continue
    }
    v[k + 1] -= beside[k]
    const beta = 1 / (length * (length + Math.abs(head)))
    factors[k] = beta
    // p = beta A v, then A -= v w^T + w v^T with w = p - (beta / 2) (p v) v.
    let overlap = 0
    for (let i = k + 1; i < n; i++) {
      const row = a.subarray(i * n, (i + 1) * n)
      let sum = 0
      for (let j = k + 1; j < n; j++) sum += row[j] * v[j]
      product[i] = beta * sum
      overlap += product[i] * v[i]
    }
    const half = (beta * overlap) / 2
    for (let i = k + 1; i < n; i++) product[i] -= half * v[i]
    for (let i = k + 1; i < n; i++) {
      const row = a.subarray(i * n, (i + 1) * n)
      const x = v[i]
      const w = product[i]
      for (let j = k + 1; j < n; j++) row[j] -= x * product[j] + w * v[j]
    }
  }
  diagonal[n - 1] = a[n * n - 1]
  return { diagonal, beside, vectors: reflectionsApplied(a, factors, n) }
}

/** Q^T, row by row: the reflections, the last one first, applied to the identity. */
function reflectionsApplied(a: Float64Array, factors: Float64Array, n: number): Float64Array {
  const q = new Float64Array(n * n)
  for (let i = 0; i < n; i++) q[i * n + i] = 1
  const sums = new Float64Array(n)
  // Q = H_0 H_1 ... so Q^T = ... H_1 H_0; with each row r of Q^T: r -= beta (r v) v. Backwards only the corner changes.
  for (let k = n - 2; k >= 0; k--) {
    const beta = factors[k]
    if (beta === 0) continue
    const v = a.subarray(k * n, (k + 1) * n)
    for (let i = k + 1; i < n; i++) {
      const row = q.subarray(i * n, (i + 1) * n)
      let sum = 0
      for (let j = k + 1; j < n; j++) sum += row[j] * v[j]
      sums[i] = beta * sum
    }
    for (let i = k + 1; i < n; i++) {
      const row = q.subarray(i * n, (i + 1) * n)
      const s = sums[i]
      for (let j = k + 1; j < n; j++) row[j] -= s * v[j]
    }
  }
  return q
}

/** QL: chases what is beside the diagonal out of it, from the top; every rotation turns two rows of the vectors. */
function diagonalize(d: Float64Array, e: Float64Array, vectors: Float64Array, n: number): void {
  for (let first = 0; first < n; first++) {
    for (;;) {
      let last = first
      // Until it is lost in the rounding of its neighbours.
      while (last < n - 1 && Math.abs(e[last]) > Number.EPSILON * (Math.abs(d[last]) + Math.abs(d[last + 1])))
        last++
      if (last === first) break
      step(d, e, vectors, n, first, last)
    }
  }
}

/** One implicit QL step over the unreduced part from `first` to `last`. */
function step(
  d: Float64Array,
  e: Float64Array,
  vectors: Float64Array,
  n: number,
  first: number,
  last: number,
): void {
  const half = (d[first + 1] - d[first]) / (2 * e[first])
  const root = Math.hypot(half, 1)
  // The eigenvalue of the corner's two by two that lies nearer.
  let g = d[last] - d[first] + e[first] / (half + (half < 0 ? -root : root))
  let cosine = 1
  let sine = 1
  let shift = 0
  for (let i = last - 1; i >= first; i--) {
    const f = sine * e[i]
    const b = cosine * e[i]
    const r = Math.hypot(f, g)
    e[i + 1] = r
    if (r === 0) {
      d[i + 1] -= shift
      e[last] = 0
      return
    }
    sine = f / r
    cosine = g / r
    g = d[i + 1] - shift
    const turned = (d[i] - g) * sine + 2 * cosine * b
    shift = sine * turned
    d[i + 1] = g + shift
    g = cosine * turned - b
    rotate(vectors, i * n, (i + 1) * n, n, cosine, sine)
  }
  d[first] -= shift
  e[first] = g
  e[last] = 0
}

function rotate(
  vectors: Float64Array,
  low: number,
  high: number,
  n: number,
  cosine: number,
  sine: number,
): void {
  const x = vectors.subarray(low, low + n)
  const y = vectors.subarray(high, high + n)
  for (let k = 0; k < n; k++) {
    const above = x[k]
    const below = y[k]
    x[k] = cosine * above - sine * below
    y[k] = sine * above + cosine * below
  }
}
