import { describeCases, ints, matrix } from './describe-cases.ts'
import { sums } from './sums.ts'

// tfjs-node-gpu has no kernel for these two: the engine launches them itself, and mock-binding.test.ts tests them.
const { SparseSegmentSum: _, SparseSegmentSumWithNumSegments: __, ...launchedByTfjs } = sums

describeCases('operations that add many cells up', launchedByTfjs, [
  { name: 'sum of all', make: (tf) => tf.sum(matrix(tf)), ops: ['Sum'], values: 21 },
  { name: 'sum of columns', make: (tf) => tf.sum(matrix(tf), 0), ops: ['Sum'], values: [5, 7, 9] },
  {
    name: 'sum of rows, the axis kept',
    make: (tf) => tf.sum(matrix(tf), 1, true),
    ops: ['Sum'],
    values: [[6], [15]],
  },
  { name: 'max', make: (tf) => tf.max([[-5, -2, -3]], 1), ops: ['Max'], values: [-2] },
  {
    name: 'mean casts float32 to float32 first',
    make: (tf) => tf.mean(matrix(tf), 1),
    ops: ['Cast', 'Mean'],
    values: [2, 5],
  },
  {
    name: 'matMul',
    make: (tf) => tf.matMul(matrix(tf), tf.tensor2d([1, 0, 0, 1, 1, 1], [3, 2])),
    ops: ['BatchMatMulV2'],
    values: [
      [1 + 3, 2 + 3],
      [4 + 6, 5 + 6],
    ],
  },
  {
    name: 'matMul, the second transposed',
    make: (tf) => tf.matMul(matrix(tf), matrix(tf), false, true),
    ops: ['BatchMatMulV2'],
    values: [
      [1 + 4 + 9, 4 + 10 + 18],
      [4 + 10 + 18, 16 + 25 + 36],
    ],
  },
  {
    name: 'matMul, the first transposed',
    make: (tf) => tf.matMul(matrix(tf), tf.tensor2d([1, 10], [2, 1]), true),
    ops: ['BatchMatMulV2'],
    values: [[41], [52], [63]],
  },
  {
    name: 'matMul, both transposed',
    make: (tf) => tf.matMul(matrix(tf), tf.tensor2d([1, 10], [1, 2]), true, true),
    ops: ['BatchMatMulV2'],
    values: [[41], [52], [63]],
  },
  {
    name: 'matMul of batches, one of them broadcast',
    make: (tf) => tf.matMul(tf.tensor3d([1, 2, 3, 4], [2, 1, 2]), tf.tensor3d([1, 10], [1, 2, 1])),
    ops: ['BatchMatMulV2'],
    values: [[[21]], [[43]]],
  },
  {
    name: 'fused.matMul is one operation after the other, between reshapes',
    make: (tf) =>
      tf.fused.matMul({ a: matrix(tf), b: tf.ones([3, 1]), bias: tf.tensor1d([-10]), activation: 'relu' }),
    ops: ['Reshape', 'Reshape', 'BatchMatMulV2', 'Add', 'Relu', 'Reshape'],
    values: [[0], [5]],
  },
  {
    name: 'unsortedSegmentSum',
    make: (tf) => tf.unsortedSegmentSum(tf.reshape(matrix(tf), [3, 2]), ints(tf, [2, 0, 2]), 3),
    ops: ['Reshape', 'UnsortedSegmentSum'],
    values: [
      [3, 4],
      [0, 0],
      [1 + 5, 2 + 6],
    ],
  },
])
