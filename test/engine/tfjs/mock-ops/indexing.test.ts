import type { Tensor } from '@tensorflow/tfjs-core'
import { describeCases, ints, matrix, pairs } from './describe-cases.ts'
import { indexing } from './indexing.ts'

describeCases('operations that look cells up, or write them, by index', indexing, [
  {
    name: 'gather of rows',
    make: (tf) => tf.gather(matrix(tf), ints(tf, [1, 0, 1])),
    ops: ['GatherV2'],
    values: [
      [4, 5, 6],
      [1, 2, 3],
      [4, 5, 6],
    ],
  },
  {
    name: 'gather of columns',
    make: (tf) => tf.gather(matrix(tf), ints(tf, [2, 0]), 1),
    ops: ['GatherV2'],
    values: [
      [3, 1],
      [6, 4],
    ],
  },
  {
    name: 'gatherND of cells',
    make: (tf) => {
      const at = pairs(tf, [
        [0, 2],
        [1, 0],
      ])
      return tf.gatherND(matrix(tf), at)
    },
    ops: ['GatherNd'],
    values: [3, 4],
  },
  {
    name: 'gatherND of rows',
    make: (tf) => tf.gatherND(matrix(tf), pairs(tf, [[1]])),
    ops: ['GatherNd'],
    values: [[4, 5, 6]],
  },
  {
    name: 'scatterND adds up what meets in a cell',
    make: (tf) =>
      tf.scatterND(
        pairs(tf, [
          [0, 1],
          [1, 0],
          [0, 1],
        ]),
        tf.tensor1d([1, 2, 4]),
        [2, 2],
      ),
    ops: ['ScatterNd'],
    values: [
      [0, 5],
      [2, 0],
    ],
  },
  {
    name: 'scatterND of rows',
    make: (tf) => tf.scatterND(pairs(tf, [[2]]), tf.tensor2d([[7, 8]]), [3, 2]),
    ops: ['ScatterNd'],
    values: [
      [0, 0],
      [0, 0],
      [7, 8],
    ],
  },
  {
    name: 'tensorScatterUpdate replaces cells of a copy',
    make: (tf) => {
      const tensor = tf.tensor1d([1, 2, 3])
      return [tf.tensorScatterUpdate(tensor, pairs(tf, [[1]]), tf.tensor1d([9])), tensor]
    },
    ops: ['TensorScatterUpdate'],
    values: [
      [1, 9, 3],
      [1, 2, 3],
    ],
  },
  {
    name: 'topk: equal values by rising index',
    make: (tf) => {
      const { values, indices } = tf.topk(
        [
          [1, 3, 3, 2],
          [5, 4, 6, 5],
        ] as unknown as Tensor,
        3,
      )
      return [values, indices]
    },
    ops: ['TopKV2'],
    values: [
      [
        [3, 3, 2],
        [6, 5, 5],
      ],
      [
        [1, 2, 3],
        [2, 0, 3],
      ],
    ],
  },
])
