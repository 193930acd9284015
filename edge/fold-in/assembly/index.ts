// Scores of the whole catalogue for one hidden layer. The memory is the module's own: whoever loads a fold-in component
// asks for room for it, writes it there, and then only the hidden layer for each request.

/** Grows the memory to hold `bytes` behind `start`. */
export function reserve(bytes: usize): usize {
  const start: usize = 65536
  const pages = i32((start + bytes + 0xffff) >> 16) - memory.size()
  if (pages > 0 && memory.grow(pages) < 0) return 0
  return start
}

/**
 * scores[i] = bias[i] + scale * scales[i] * (hidden . decoder[i]), in whole numbers but for the last step.
 *
 * @param hidden  `[stride]` numbers of 16 bits: the hidden layer over `scale`
 * @param decoder `[items, stride]` numbers of 8 bits; `stride` is a multiple of 16
 */
export function score(
  scores: usize,
  hidden: usize,
  scale: f32,
  decoder: usize,
  scales: usize,
  bias: usize,
  items: i32,
  stride: usize,
): void {
  for (let item = 0; item < items; item++, decoder += stride) {
    let even = i32x4.splat(0)
    let odd = i32x4.splat(0)
    for (let k: usize = 0; k < stride; k += 16) {
      const w = v128.load(decoder + k)
      const h = hidden + (k << 1)
      even = i32x4.add(even, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(w), v128.load(h)))
      odd = i32x4.add(odd, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(w), v128.load(h, 16)))
    }
    const sums = i32x4.add(even, odd)
    const sum =
      i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3)
    const at = <usize>item << 2
    store<f32>(scores + at, load<f32>(bias + at) + scale * load<f32>(scales + at) * <f32>sum)
  }
}
