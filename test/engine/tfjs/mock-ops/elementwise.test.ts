import { describeCases, ints, matrix } from './describe-cases.ts'
import { elementwise } from './elementwise.ts'

describeCases('operations on each cell for itself, and those that make cells of nothing', elementwise, [
  { name: 'abs', make: (tf) => tf.abs([-1, 2]), ops: ['Abs'], values: [1, 2] },
  { name: 'exp', make: (tf) => tf.exp([0, 1]), ops: ['Exp'], values: [1, Math.E] },
  { name: 'log', make: (tf) => tf.log([1, 10]), ops: ['Log'], values: [0, Math.LN10] },
  { name: 'log1p', make: (tf) => tf.log1p([0, 9]), ops: ['Log1p'], values: [0, Math.LN10] },
  { name: 'neg', make: (tf) => tf.neg([1, -2]), ops: ['Neg'], values: [-1, 2] },
  { name: 'relu', make: (tf) => tf.relu([-1, 2]), ops: ['Relu'], values: [0, 2] },
  { name: 'sigmoid', make: (tf) => tf.sigmoid([0, 2]), ops: ['Sigmoid'], values: [0.5, 0.880797] },
  {
    name: 'softplus, log 2 at 0, and linear far out',
    make: (tf) => tf.softplus([0, 100, -100]),
    ops: ['Softplus'],
    values: [Math.LN2, 100, 0],
  },
  { name: 'sqrt', make: (tf) => tf.sqrt([0, 9]), ops: ['Sqrt'], values: [0, 3] },
  { name: 'square', make: (tf) => tf.square([-3, 4]), ops: ['Square'], values: [9, 16] },
  { name: 'tanh', make: (tf) => tf.tanh([0, 1]), ops: ['Tanh'], values: [0, 0.761594] },
  { name: 'zerosLike', make: (tf) => tf.zerosLike([5, 6]), ops: ['ZerosLike'], values: [0, 0] },
  { name: 'onesLike', make: (tf) => tf.onesLike([5, 6]), ops: ['OnesLike'], values: [1, 1] },
  { name: 'isNaN', make: (tf) => tf.isNaN([Number.NaN, 1]), ops: ['IsNan'], values: [1, 0] },
  {
    name: 'logicalNot',
    make: (tf) => tf.logicalNot(tf.tensor1d([true, false], 'bool')),
    ops: ['LogicalNot'],
    values: [0, 1],
  },
  {
    name: 'logicalAnd',
    make: (tf) => tf.logicalAnd(tf.tensor1d([true, true], 'bool'), tf.tensor1d([true, false], 'bool')),
    ops: ['LogicalAnd'],
    values: [1, 0],
  },
  {
    name: 'step, which launches five operations',
    make: (tf) => tf.step([-1, 0, 2]),
    ops: ['IsNan', 'Greater', 'Fill', 'Select', 'Select'],
    values: [0, 0, 1],
  },
  { name: 'cast towards zero', make: (tf) => tf.cast([1.7, -1.7], 'int32'), ops: ['Cast'], values: [1, -1] },
  { name: 'cast to bool', make: (tf) => tf.cast([0, 0.5], 'bool'), ops: ['Cast'], values: [0, 1] },

  // Two tensors; a row, a column and a scalar broadcast.
  {
    name: 'add launches Add, not AddV2',
    make: (tf) => tf.add(matrix(tf), [10, 20, 30]),
    ops: ['Add'],
    values: [
      [11, 22, 33],
      [14, 25, 36],
    ],
  },
  {
    name: 'sub of a column and a row',
    make: (tf) => tf.sub([[1], [2]], [[1, 10]]),
    ops: ['Sub'],
    values: [
      [0, -9],
      [1, -8],
    ],
  },
  { name: 'mul launches Mul', make: (tf) => tf.mul([2, 3], [4, 5]), ops: ['Mul'], values: [8, 15] },
  { name: 'div', make: (tf) => tf.div([1, 3], 2), ops: ['RealDiv'], values: [0.5, 1.5] },
  {
    name: 'div of integers is FloorDiv',
    make: (tf) => tf.div(ints(tf, [-3, 3]), tf.scalar(2, 'int32')),
    ops: ['FloorDiv'],
    values: [-2, 1],
  },
  { name: 'maximum', make: (tf) => tf.maximum([1, 5], 3), ops: ['Maximum'], values: [3, 5] },
  { name: 'minimum', make: (tf) => tf.minimum([1, 5], 3), ops: ['Minimum'], values: [1, 3] },
  {
    name: 'pow casts float32 to float32 first',
    make: (tf) => tf.pow([2, 3], 2),
    ops: ['Cast', 'Cast', 'Pow'],
    values: [4, 9],
  },
  {
    name: 'squaredDifference',
    make: (tf) => tf.squaredDifference([1, 5], [3, 2]),
    ops: ['SquaredDifference'],
    values: [4, 9],
  },
  { name: 'equal', make: (tf) => tf.equal([1, 2], 2), ops: ['Equal'], values: [0, 1] },
  { name: 'greater', make: (tf) => tf.greater([1, 2, 3], 2), ops: ['Greater'], values: [0, 0, 1] },
  {
    name: 'greaterEqual',
    make: (tf) => tf.greaterEqual([1, 2, 3], 2),
    ops: ['GreaterEqual'],
    values: [0, 1, 1],
  },
  { name: 'less', make: (tf) => tf.less([1, 2, 3], 2), ops: ['Less'], values: [1, 0, 0] },
  { name: 'lessEqual', make: (tf) => tf.lessEqual([1, 2, 3], 2), ops: ['LessEqual'], values: [1, 1, 0] },
  {
    name: 'where broadcasts a scalar by Reshape and Tile, for Select does not',
    make: (tf) => tf.where(tf.tensor1d([true, false], 'bool'), [1, 2], 7),
    ops: ['Reshape', 'Tile', 'Select'],
    values: [1, 7],
  },
  {
    name: 'fill',
    make: (tf) => tf.fill([2, 2], 7),
    ops: ['Fill'],
    values: [
      [7, 7],
      [7, 7],
    ],
  },
  { name: 'range', make: (tf) => tf.range(1, 8, 3, 'int32'), ops: ['Range'], values: [1, 4, 7] },
])
