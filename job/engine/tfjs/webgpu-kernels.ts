import type { NamedAttrMap, Tensor, Tensor2D, TensorInfo } from '@tensorflow/tfjs-core'
import type { Tfjs } from './open-backend.ts'
import type { SegmentRows } from './sparse-block.ts'

// Two kernels of our own for tfjs's webgpu backend, where its stock ones are far from what a GPU can do.

/** A kernel's tensors, by the names that its caller gives them. */
type Inputs<Name extends string> = Record<Name, TensorInfo>

/** What is used of the backend. */
interface WebgpuBackend {
  runWebGPUProgram(
    program: Program,
    inputs: TensorInfo[],
    dtype: 'float32',
    uniforms: { type: 'float32'; data: number[] }[],
  ): TensorInfo
  bufferManager: {
    numBytesAllocated: number
    numBytesUsed: number
    numFreeBuffers: number
    freeBuffers: Map<string, { size: number; destroy(): void }[]>
  }
}

/** A shader as the backend takes it: one thread for every number of the output. */
interface Program {
  variableNames: string[]
  outputShape: number[]
  shaderKey: string
  uniforms: string
  size: true
  workgroupSize: [number, number, number]
  dispatchLayout: { x: number[] }
  dispatch: [number, number, number]
  getUserCode(): string
}

type RowSumInput = 'table' | 'indices' | 'offsets'
type AdamInput = 'weight' | 'gradient' | 'first' | 'second'

const rowSums = 'NightjarRowSums'
const adam = 'NightjarAdam'
const groupSize = 64

/** Factors of an update by Adam; `rate` has the bias correction inside. */
export interface AdamFactors {
  rate: number
  beta1: number
  beta2: number
  epsilon: number
  /** 0 where the parameter is not regularized. */
  l2: number
}

/** Makes the kernels known to tfjs, once. */
export function registerWebgpuKernels(tf: Tfjs): void {
  if (tf.getKernel(rowSums, 'webgpu') !== undefined) return
  tf.registerKernel({
    kernelName: rowSums,
    backendName: 'webgpu',
    kernelFunc: ({ inputs, backend }) => runRowSums(backend as WebgpuBackend, inputs as Inputs<RowSumInput>),
  })
  tf.registerKernel({
    kernelName: adam,
    backendName: 'webgpu',
    kernelFunc: ({ inputs, attrs, backend }) =>
      runAdam(backend as WebgpuBackend, inputs as Inputs<AdamInput>, attrs as unknown as AdamFactors),
  })
}

/**
 * Sums of a table's rows, `[rows.count, hidden]`: each number of the output is added up by the thread that owns it,
 * in the order of the list. The stock SparseSegmentSum adds every number atomically by compare-and-swap.
 */
export function webgpuSumRows(tf: Tfjs, table: Tensor2D, rows: SegmentRows): Tensor2D {
  const indices = tf.tensor1d(padded(rows.indices), 'int32')
  const offsets = tf.tensor1d(offsetsOf(rows), 'int32')
  return tf.engine().runKernel(rowSums, { table, indices, offsets } as never) as Tensor2D
}

/** One update of a parameter: the new moments and the new weight, each in one pass over memory. */
export function webgpuAdam(
  tf: Tfjs,
  inputs: { weight: Tensor; gradient: Tensor; first: Tensor; second: Tensor },
  factors: AdamFactors,
): { first: Tensor; second: Tensor; weight: Tensor } {
  const outputs = tf.engine().runKernel(adam, inputs as never, factors as unknown as NamedAttrMap)
  const [first, second, weight] = outputs as Tensor[]
  return { first, second, weight }
}

/** Buffers at rest that may be kept for later. */
const restingBytesMax = 256 * 2 ** 20

/**
 * Gives back buffers that nobody uses. The backend keeps each for the next tensor of exactly its size, for ever, and
 * every block has another number of pairs: without this a long training fills the GPU's memory.
 */
export function trimBuffers(tf: Tfjs): void {
  const { bufferManager: buffers } = tf.backend() as unknown as WebgpuBackend
  if (buffers.numBytesAllocated - buffers.numBytesUsed < restingBytesMax) return
  for (const free of buffers.freeBuffers.values()) {
    for (const buffer of free) {
      buffer.destroy()
      buffers.numBytesAllocated -= buffer.size
      buffers.numFreeBuffers--
    }
    // The list stays: with none at all the backend would take back no buffer any more.
    free.length = 0
  }
}

function runRowSums(backend: WebgpuBackend, { table, indices, offsets }: Inputs<RowSumInput>): TensorInfo {
  const shape = [offsets.shape[0] - 1, table.shape[1]]
  const code = `
    fn main(index : i32) {
      if (index < uniforms.size) {
        let width = uniforms.outShape[1];
        let row = index / width;
        let column = index % width;
        let end = offsets[row + 1];
        var sum = 0.0;
        for (var place = offsets[row]; place < end; place++) {
          sum += table[indices[place] * width + column];
        }
        result[index] = sum;
      }
    }`
  const program = programOf(rowSums, ['table', 'indices', 'offsets'], shape, '', code)
  return backend.runWebGPUProgram(program, [table, indices, offsets], 'float32', [])
}

/**
 *   g = gradient + l2 weight
 *   first' = beta1 first + (1 - beta1) g
 *   second' = beta2 second + (1 - beta2) g^2
 *   weight' = weight - rate first' / (sqrt(second') + epsilon)
 */
function runAdam(backend: WebgpuBackend, inputs: Inputs<AdamInput>, factors: AdamFactors): TensorInfo[] {
  const { weight, gradient, first, second } = inputs
  const run = (name: string, expression: string, values: Record<string, TensorInfo>, numbers: number[]) => {
    const names = numbers.map((_, n) => `factor${n}`)
    const code = `
      fn main(index : i32) {
        if (index < uniforms.size) {
          ${expression}
        }
      }`
    const uniforms = names.map((factor) => `${factor} : f32,`).join(' ')
    const program = programOf(`${adam}${name}`, Object.keys(values), weight.shape, uniforms, code)
    return backend.runWebGPUProgram(
      program,
      Object.values(values),
      'float32',
      numbers.map((number) => ({ type: 'float32', data: [number] })),
    )
  }
  const { rate, beta1, beta2, epsilon, l2 } = factors
  const regularized = 'let g = gradient[index] + uniforms.factor0 * weight[index];'
  const average = (square: string) =>
    `${regularized} result[index] = uniforms.factor1 * moment[index] + uniforms.factor2 * ${square};`
  const newFirst = run('First', average('g'), { gradient, weight, moment: first }, [l2, beta1, 1 - beta1])
  const newSecond = run('Second', average('g * g'), { gradient, weight, moment: second }, [
    l2,
    beta2,
    1 - beta2,
  ])
  const newWeight = run(
    'Weight',
    'result[index] = weight[index] - uniforms.factor0 * first[index] / (sqrt(second[index]) + uniforms.factor1);',
    { weight, first: newFirst, second: newSecond },
    [rate, epsilon],
  )
  return [newFirst, newSecond, newWeight]
}

function programOf(
  shaderKey: string,
  variableNames: string[],
  outputShape: number[],
  uniforms: string,
  code: string,
): Program {
  const size = outputShape.reduce((product, length) => product * length, 1)
  return {
    shaderKey,
    variableNames,
    outputShape,
    uniforms,
    size: true,
    workgroupSize: [groupSize, 1, 1],
    dispatchLayout: { x: outputShape.map((_, axis) => axis) },
    dispatch: [Math.ceil(size / groupSize), 1, 1],
    getUserCode: () => code,
  }
}

/** Where each row of the output begins in the list, and the list's end. `[count + 1]` */
function offsetsOf({ segments, count }: SegmentRows): Int32Array {
  const offsets = new Int32Array(count + 1)
  for (const segment of segments) offsets[segment + 1]++
  for (let row = 0; row < count; row++) offsets[row + 1] += offsets[row]
  return offsets
}

/** With zeros at its end, so that lists have few lengths: an eighth of a power of two apart. */
function padded(indices: Int32Array): Int32Array {
  const step = 2 ** Math.max(4, Math.ceil(Math.log2(indices.length + 1)) - 3)
  const out = new Int32Array(Math.ceil((indices.length + 1) / step) * step)
  out.set(indices)
  return out
}
