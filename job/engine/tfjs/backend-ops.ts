import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import type { OpenBackend, Tfjs } from './open-backend.ts'
import type { SegmentRows } from './sparse-block.ts'
import {
  type AdamFactors,
  registerWebgpuKernels,
  trimBuffers,
  webgpuAdam,
  webgpuSumRows,
} from './webgpu-kernels.ts'

/** A parameter with Adam's memory of it. */
export interface AdamTensors {
  weight: Tensor
  first: Tensor
  second: Tensor
}

/** The operations that the backends of tfjs do not have alike. */
export interface BackendOps {
  tf: Tfjs
  /** Sums of a table's rows, `[rows.count, hidden]`; zeros where a segment has none. */
  sumRows(table: Tensor2D, rows: SegmentRows): Tensor2D
  /** `a b`, each transposed first where the flag says so. */
  product(a: Tensor2D, b: Tensor2D, transposeA?: boolean, transposeB?: boolean): Tensor2D
  /** An update by Adam in a kernel of its own, where the backend has one. */
  adam?(before: AdamTensors & { gradient: Tensor }, factors: AdamFactors): AdamTensors
  /** Called after every step. */
  afterStep?(): void
}

export function backendOps({ name, tf }: OpenBackend): BackendOps {
  if (name === 'webgpu') return webgpuOps(tf)
  return {
    tf,
    sumRows: name === 'tensorflow' ? tensorflowSumRows(tf) : sumRows(tf),
    product:
      name === 'wasm'
        ? // Its kernel reads a transposed matrix column by column: 1 GF/s against 19 with a transpose of its own.
          (a, b, transposeA = false, transposeB = false) =>
            tf.matMul(transposeA ? tf.transpose(a) : a, transposeB ? tf.transpose(b) : b)
        : (a, b, transposeA = false, transposeB = false) => tf.matMul(a, b, transposeA, transposeB),
  }
}

function webgpuOps(tf: Tfjs): BackendOps {
  registerWebgpuKernels(tf)
  return {
    tf,
    sumRows: (table, rows) => webgpuSumRows(tf, table, rows),
    product: (a, b, transposeA = false, transposeB = false) => tf.matMul(a, b, transposeA, transposeB),
    adam: (before, factors) => webgpuAdam(tf, before, factors),
    afterStep: () => trimBuffers(tf),
  }
}

/** By SparseSegmentSum, which ends with the last segment that has a row: the rest is zeros. */
function sumRows(tf: Tfjs) {
  return (table: Tensor2D, { indices, segments, count }: SegmentRows): Tensor2D => {
    if (indices.length === 0) return tf.zeros([count, table.shape[1]])
    const sums = tf.sparse.sparseSegmentSum(table, tf.tensor1d(indices), tf.tensor1d(segments)) as Tensor2D
    const missing = count - sums.shape[0]
    return missing === 0
      ? sums
      : tf.pad(sums, [
          [0, missing],
          [0, 0],
        ])
  }
}

/** What is used of tfjs-node's backend: any operation of TensorFlow, by name. */
interface TensorflowBackend {
  binding: { TF_ATTR_TYPE: number; TF_FLOAT: number; TF_INT32: number }
  executeSingleOutput(op: string, attributes: object[], inputs: object[]): Tensor2D
}

/** tfjs-node registers no SparseSegmentSum, but launches what it is told. */
function tensorflowSumRows(tf: Tfjs) {
  return (table: Tensor2D, { indices, segments, count }: SegmentRows): Tensor2D => {
    const backend = tf.backend() as unknown as TensorflowBackend
    const { TF_ATTR_TYPE, TF_FLOAT, TF_INT32 } = backend.binding
    const int = (values: Int32Array): Tensor1D => tf.tensor1d(values, 'int32')
    return backend.executeSingleOutput(
      'SparseSegmentSumWithNumSegments',
      [
        { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
        { name: 'Tidx', type: TF_ATTR_TYPE, value: TF_INT32 },
        { name: 'Tnumsegments', type: TF_ATTR_TYPE, value: TF_INT32 },
        { name: 'Tsegmentids', type: TF_ATTR_TYPE, value: TF_INT32 },
      ],
      [table, int(indices), int(segments), tf.scalar(count, 'int32')],
    )
  }
}
