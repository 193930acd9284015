// What the models that are fitted by sampling compute with: dense products, gradients of sampled cells, Adam. All
// pointers are in bytes; kernels allocate nothing and call nothing outside. On one thread: what many samples add to one
// row is added in their order.
export { adamRow as adam } from '../../wasm/assembly/adam'
export { differentiatePairs } from './pairs'
export { addTransposedProduct, multiply, pack, packTransposed } from './products'
export { adamRows, clear, gatherRows, scatterRows } from './rows'
export { addDots, differentiateHead, joinHalves, joinUser, rectifyBackward } from './tower'
