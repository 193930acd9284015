import { describeCases, matrix } from './describe-cases.ts'
import { rearranging } from './rearranging.ts'

describeCases('operations that move cells', rearranging, [
  {
    name: 'transpose',
    make: (tf) => tf.transpose(matrix(tf)),
    ops: ['Transpose'],
    values: [
      [1, 4],
      [2, 5],
      [3, 6],
    ],
  },
  {
    name: 'transpose of three axes',
    make: (tf) => tf.transpose(tf.tensor3d([1, 2, 3, 4], [2, 1, 2]), [2, 0, 1]),
    ops: ['Transpose'],
    values: [
      [[1], [3]],
      [[2], [4]],
    ],
  },
  {
    name: 'reshape launches Reshape',
    make: (tf) => tf.reshape(matrix(tf), [3, -1]),
    ops: ['Reshape'],
    values: [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
  },
  { name: 'expandDims', make: (tf) => tf.expandDims([1, 2], 1), ops: ['ExpandDims'], values: [[1], [2]] },
  { name: 'squeeze is Reshape', make: (tf) => tf.squeeze([[1], [2]]), ops: ['Reshape'], values: [1, 2] },
  {
    name: 'slice',
    make: (tf) => tf.slice(matrix(tf), [0, 1], [-1, 2]),
    ops: ['Slice'],
    values: [
      [2, 3],
      [5, 6],
    ],
  },
  {
    name: 'pad',
    make: (tf) =>
      tf.pad(
        [[1, 2]],
        [
          [1, 0],
          [0, 1],
        ],
        9,
      ),
    ops: ['PadV2'],
    values: [
      [9, 9, 9],
      [1, 2, 9],
    ],
  },
  {
    name: 'tile',
    make: (tf) => tf.tile([[1, 2]], [2, 2]),
    ops: ['Tile'],
    values: [
      [1, 2, 1, 2],
      [1, 2, 1, 2],
    ],
  },
  {
    name: 'concat of columns',
    make: (tf) => tf.concat([matrix(tf), tf.tensor2d([7, 8], [2, 1])], 1),
    ops: ['ConcatV2'],
    values: [
      [1, 2, 3, 7],
      [4, 5, 6, 8],
    ],
  },
  {
    name: 'stack',
    make: (tf) =>
      tf.stack(
        [
          [1, 2],
          [3, 4],
        ],
        1,
      ),
    ops: ['Pack'],
    values: [
      [1, 3],
      [2, 4],
    ],
  },
  { name: 'clone launches nothing', make: (tf) => tf.clone(tf.tensor1d([1, 2])), ops: [], values: [1, 2] },
  { name: 'zeros and ones launch nothing', make: (tf) => tf.ones([2]), ops: [], values: [1, 1] },
])
