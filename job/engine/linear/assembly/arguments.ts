/** Where ../crew.ts writes the arguments of a phase: one word each, in the order that the phase's comment names them. */
const argumentWords: usize = 2048

// @ts-ignore: decorator
@inline
export function pointerAt(n: i32): usize {
  return <usize>load<u32>(argumentWords + (<usize>n << 2))
}

// @ts-ignore: decorator
@inline
export function wordAt(n: i32): i32 {
  return load<i32>(argumentWords + (<usize>n << 2))
}

// @ts-ignore: decorator
@inline
export function realAt(n: i32): f32 {
  return load<f32>(argumentWords + (<usize>n << 2))
}
