/**
 * The two-sided p-value of Student's t: the chance of a value at least as far from 0, P(|T| >= |t|) =
 * I_x(degrees / 2, 1 / 2) with x = degrees / (degrees + t^2) and I the regularized incomplete beta function.
 *
 * @param t       not NaN; an infinite one has p = 0
 * @param degrees of freedom, >= 1
 * @see Abramowitz, Stegun: Handbook of Mathematical Functions, 1964, chapter 26.7; equations below are its
 */
export function studentTwoSided(t: number, degrees: number): number {
  if (!Number.isFinite(t)) return 0
  const square = t * t
  return incompleteBeta(degrees / (degrees + square), square / (degrees + square), degrees / 2, 0.5)
}

/**
 * I_x(a, b), by its continued fraction (Abramowitz and Stegun 26.5.8), which converges fast below the mean of the beta
 * distribution; above it, by I_x(a, b) = 1 - I_(1 - x)(b, a).
 *
 * @param y 1 - x, given apart for where x is so near 1 that the difference would be lost
 */
function incompleteBeta(x: number, y: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (y <= 0) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(y, x, b, a)
  const lnX = x < 0.5 ? Math.log(x) : Math.log1p(-y)
  const lnY = y < 0.5 ? Math.log(y) : Math.log1p(-x)
  const front = Math.exp(a * lnX + b * lnY + lnGamma(a + b) - lnGamma(a) - lnGamma(b)) / a
  return front * betaFraction(x, a, b)
}

/** 1 / (1 + d1 / (1 + d2 / (1 + ...))), from the front, by Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  let upper = 1
  let lower = 0
  let value = 1
  for (let n = 1; n < 10_000; n++) {
    const m = Math.floor(n / 2)
    const over = (a + n - 1) * (a + n)
    const d = n % 2 === 0 ? (m * (b - m) * x) / over : (-(a + m) * (a + b + m) * x) / over
    lower = 1 / (1 + d * lower)
    upper = 1 + d / upper
    value *= upper * lower
    if (Math.abs(upper * lower - 1) < 1e-15) break
  }
  return 1 / value
}

/** ln of the gamma function for z > 0: Stirling's series (6.1.41) from 20 on, and 6.1.15 down to z. */
function lnGamma(z: number): number {
  let product = 1
  let large = z
  for (; large < 20; large++) product *= large
  const inverse = 1 / (large * large)
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / large
  return (large - 0.5) * Math.log(large) - large + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product)
}
