// The logistic function without calls, four at a time: e^x as 2^n * p(r), with n = round(x / ln 2) and a
// polynomial of degree 6 in r, |r| <= ln 2 / 2. Relative error below 2e-7 over the range that matters.

/** 1 / (1 + e^-x) */
// @ts-ignore: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const one = f32x4.splat(1)
  return f32x4.div(one, f32x4.add(one, exp4(f32x4.neg(x))))
}

// @ts-ignore: decorator
@inline
export function sigmoid(x: f32): f32 {
  return f32x4.extract_lane(sigmoid4(f32x4.splat(x)), 0)
}

// @ts-ignore: decorator
@inline
function exp4(x: v128): v128 {
  // Beyond these ends the sigmoid is 0 or 1 in float32 anyhow, and 2^n would leave the exponent's range.
  const clamped = f32x4.max(f32x4.splat(-87), f32x4.min(f32x4.splat(87), x))
  const n = f32x4.nearest(f32x4.mul(clamped, f32x4.splat(1.4426950408889634)))
  // r = x - n ln 2, ln 2 in two parts so that the first product is exact.
  const high = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375)))
  const r = f32x4.sub(high, f32x4.mul(n, f32x4.splat(-2.12194440e-4)))
  let p = f32x4.splat(1.3981999507e-3)
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1))
  p = f32x4.add(f32x4.mul(p, f32x4.mul(r, r)), f32x4.add(r, f32x4.splat(1)))
  const scale = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23)
  return f32x4.mul(p, scale)
}
