/** What the mock of tfjs-node-gpu's native part lets through, what it refuses, and what it keeps. */

import { afterEach, beforeAll, expect, it } from 'vitest'
import { describeWith } from '../../capabilities.ts'
import { computations } from './mock-ops/compute.ts'
import { type MockTensorflow, openMockTensorflow } from './open-mock-tensorflow.ts'
import definitions from './tensorflow-op-definitions.json' with { type: 'json' }

describeWith('tfjs-node-gpu', 'the mock of its native part', () => {
  let tf: MockTensorflow['tf']
  let binding: MockTensorflow['binding']
  let backend: MockTensorflow['backend']

  beforeAll(async () => {
    const opened = await openMockTensorflow()
    tf = opened.tf
    binding = opened.binding
    backend = opened.backend
  })

  afterEach(() => {
    binding.launches = []
  })

  const type = (name: string, value: number) => ({ name, type: binding.TF_ATTR_TYPE, value })
  const float = (name: string) => type(name, binding.TF_FLOAT)
  const int = (name: string) => type(name, binding.TF_INT32)
  const bool = (name: string, value: unknown) => ({ name, type: binding.TF_ATTR_BOOL, value })
  const ints = (values: number[]) => tf.tensor1d(values, 'int32')

  const segmentAttributes = () => [float('T'), int('Tidx'), int('Tnumsegments'), int('Tsegmentids')]
  /** Rows 10, 20 and 30, summed by segment. */
  const sumSegments = (rows: number[], ids: number[], segments: number, attributes = segmentAttributes()) => {
    const data = tf.tensor2d([10, 1, 20, 2, 30, 3], [3, 2])
    const inputs = [data, ints(rows), ints(ids), tf.scalar(segments, 'int32')]
    return backend.executeSingleOutput('SparseSegmentSumWithNumSegments', attributes, inputs)
  }
  const launch = (op: string, attributes: { name: string; type: number; value: unknown }[]) => () =>
    tf.tidy(() => backend.executeSingleOutput(op, attributes, [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])]))

  it('is under the real backend, in the one tfjs-core that everybody gets', async () => {
    const core = await import('@tensorflow/tfjs-core')
    expect(tf.getBackend()).toBe('tensorflow')
    expect(backend.constructor.name).toBe('NodeJSKernelBackend')
    expect(backend.isGPUPackage && backend.isUsingGpuDevice).toBe(true)
    expect(core.engine()).toBe(tf.engine())
    expect(core.Tensor).toBe(tf.Tensor)
    expect((await openMockTensorflow()).binding).toBe(binding)
  })

  it('computes every operation that is defined, and no other', () => {
    expect(Object.keys(computations).sort()).toEqual(Object.keys(definitions.ops).sort())
  })

  it('records what was launched: attributes as passed, shapes and types', () => {
    tf.tidy(() => tf.matMul(tf.ones([2, 3]), tf.ones([4, 3]), false, true))
    expect(binding.launches).toEqual([
      {
        op: 'BatchMatMulV2',
        attrs: { T: 'float32', adj_x: false, adj_y: true },
        inputs: [
          { shape: [2, 3], dtype: 'float32' },
          { shape: [4, 3], dtype: 'float32' },
        ],
        outputs: [{ shape: [2, 4], dtype: 'float32' }],
      },
    ])
  })

  it('sums sparse segments, empty ones to zero, when told to directly', () => {
    tf.tidy(() => {
      expect(sumSegments([0, 2, 2, 1], [0, 0, 2, 2], 4).arraySync()).toEqual([
        [10 + 30, 1 + 3],
        [0, 0],
        [30 + 20, 3 + 2],
        [0, 0],
      ])
    })
  })

  it('sums sparse segments up to the last id where the number is not given', () => {
    tf.tidy(() => {
      const inputs = [tf.tensor1d([1, 2, 4]), ints([0, 2, 1]), ints([1, 1, 2])]
      const attributes = [float('T'), int('Tidx'), int('Tsegmentids')]
      const sums = backend.executeSingleOutput('SparseSegmentSum', attributes, inputs)
      expect(sums.arraySync()).toEqual([0, 1 + 4, 2])
    })
  })

  it.each([
    ['rows out of range', [0, 3], [0, 1], 2, /indices\[1\] is 3, data has 3 rows/],
    ['ids that go down', [0, 1], [1, 0], 2, /segment_ids go down at 1: 1, then 0/],
    ['ids out of range', [0, 1], [0, 2], 2, /segment id 2 is not in \[0, 2\)/],
    ['fewer ids than rows', [0, 1], [0], 2, /2 indices, but 1 segment ids/],
  ])('refuses sparse segments with %s', (_, rows, ids, segments, message) => {
    expect(() => tf.tidy(() => sumSegments(rows, ids, segments))).toThrow(message)
  })

  it('refuses an operation that TensorFlow does not have', () => {
    expect(launch('AddV3', [float('T')])).toThrow(
      /mock binding: AddV3\(float32 \[2\], float32 \[2\]\): no such operation/,
    )
  })

  it('refuses attributes that are unknown, passed twice, of the wrong type, or of a value that is not allowed', () => {
    expect(launch('Add', [float('T'), float('U')])).toThrow('no attribute U')
    expect(launch('Add', [float('T'), float('T')])).toThrow('attribute T is passed twice')
    expect(launch('Add', [bool('T', true)])).toThrow(
      'attribute T is passed with type 3, but it is of type type',
    )
    expect(launch('Add', [type('T', binding.TF_BOOL)])).toThrow('attribute T is bool, want one of float32')
    expect(launch('Add', [type('T', 99)])).toThrow('no data type has number 99')
    expect(launch('BatchMatMulV2', [float('T'), bool('adj_x', 1)])).toThrow('attribute adj_x is 1, want bool')
    expect(launch('BatchMatMulV2', [float('T'), bool('adj_x', undefined)])).toThrow(
      'attribute adj_x is undefined',
    )
    expect(launch('LogicalNot', [float('T')])).toThrow('no attribute T')
    const count = (value: number) => ({ name: 'N', type: binding.TF_ATTR_INT, value })
    expect(launch('Pack', [float('T'), count(0)])).toThrow('attribute N is 0, want at least 1')
    expect(launch('Pack', [float('T'), count(1.5)])).toThrow('attribute N is 1.5, want int')
  })

  it('refuses when an attribute is missing that has no default and is not the type of an input', () => {
    expect(() => tf.tidy(() => backend.executeSingleOutput('Cast', [], [tf.scalar(1)]))).toThrow(
      'attribute DstT is missing',
    )
    // Types are not taken from inputs that are lists.
    expect(launch('Pack', [{ name: 'N', type: binding.TF_ATTR_INT, value: 2 }])).toThrow(
      'attribute T is missing',
    )
    expect(launch('Add', [])).not.toThrow()
  })

  it('refuses inputs and outputs of the wrong number', () => {
    const attributes = [float('T'), bool('sorted', true)]
    expect(launch('Neg', [float('T')])).toThrow('2 inputs, want 1')
    const inputs = [tf.tensor1d([1, 2]), tf.scalar(1, 'int32')]
    expect(() => backend.executeSingleOutput('TopKV2', attributes, inputs)).toThrow(
      '1 outputs asked for, there are 2',
    )
    tf.dispose(inputs)
  })

  it('refuses inputs of another type than the attribute says, or than is fixed', () => {
    expect(launch('Add', [int('T')])).toThrow('input 0 was expected to be int32 but is float32')
    expect(launch('LogicalAnd', [])).toThrow('input 0 was expected to be bool but is float32')
    const mixed = () => tf.tidy(() => backend.executeSingleOutput('Add', [], [tf.scalar(1), ints([1])]))
    expect(mixed).toThrow('input 1 was expected to be float32 but is int32')
    const attributes = [float('T'), int('Tidx'), int('Tnumsegments'), float('Tsegmentids')]
    expect(() => tf.tidy(() => sumSegments([0], [0], 1, attributes))).toThrow(
      'attribute Tsegmentids is float32',
    )
  })

  it('shows that tf.mean of integers cannot run: its kernel names one type and passes another', () => {
    expect(() => tf.tidy(() => tf.mean(ints([1, 2])))).toThrow(
      'input 0 was expected to be int32 but is float32',
    )
  })

  it.each<[string, () => unknown, string]>([
    ['BatchMatMulV2', () => execute('BatchMatMulV2', [tf.ones([2, 3]), tf.ones([2, 3])]), '3 is not 2'],
    ['Add', () => execute('Add', [tf.ones([2]), tf.ones([3])]), 'incompatible shapes: [2] vs. [3]'],
    ['Reshape', () => execute('Reshape', [tf.ones([4]), ints([3, -1])]), '[4] does not fit into [3, -1]'],
    ['Transpose', () => execute('Transpose', [tf.ones([2, 2]), ints([0, 0])]), 'does not name each axis'],
    ['Slice', () => execute('Slice', [tf.ones([4]), ints([2]), ints([3])]), 'not within [4]'],
    ['Sum', () => execute('Sum', [tf.ones([4]), ints([1])]), 'axis 1 is not in a tensor of rank 1'],
    [
      'Select',
      () => execute('Select', [tf.ones([3], 'bool'), tf.ones([2]), tf.ones([2])]),
      'condition is [3]',
    ],
    ['Tile', () => execute('Tile', [tf.ones([2]), ints([1, 1])]), 'multiples [1, 1] for [2]'],
    ['PadV2', () => execute('PadV2', [tf.ones([2]), ints([1, 1]), tf.scalar(0)]), 'paddings [2]'],
    ['ScatterNd', () => execute('ScatterNd', [cells([[2]]), tf.ones([1]), ints([2])]), 'indices[0] = [2]'],
    ['ScatterNd', () => execute('ScatterNd', [cells([[1]]), tf.ones([2]), ints([2])]), 'want [1]'],
    ['GatherNd', () => execute('GatherNd', [tf.ones([2]), cells([[-1]])]), 'indices[0] = [-1]'],
    ['GatherNd', () => execute('GatherNd', [tf.ones([2]), cells([[0, 0]])]), '2 coordinates into [2]'],
    ['GatherV2', () => execute('GatherV2', [tf.ones([2]), ints([2]), int0()]), 'index 2 is not in [0, 2)'],
    [
      'TensorScatterUpdate',
      () => execute('TensorScatterUpdate', [tf.ones([2]), cells([[1], [1]]), tf.ones([2])]),
      'two updates',
    ],
    [
      'UnsortedSegmentSum',
      () => execute('UnsortedSegmentSum', [tf.ones([1]), ints([2]), int0()]),
      'not in [0, 0)',
    ],
    ['Range', () => execute('Range', [int0(), int0(), int0()]), 'in steps of 0'],
  ])('refuses shapes and indices that make no sense: %s', (_, run, message) => {
    expect(() => tf.tidy(() => run() as never)).toThrow(message)
  })

  // Types are inferred from the inputs.
  const execute = (op: string, inputs: Parameters<typeof backend.executeSingleOutput>[2]) =>
    backend.executeSingleOutput(op, [], inputs)
  const cells = (values: number[][]) => tf.tensor2d(values, [values.length, values[0].length], 'int32')
  const int0 = () => tf.scalar(0, 'int32')

  it('refuses to compute with types that the mock does not know, even where TensorFlow would', () => {
    const toInt64 = () =>
      tf.tidy(() => backend.executeSingleOutput('Cast', [type('DstT', binding.TF_INT64)], [tf.scalar(1)]))
    expect(toInt64).toThrow('the mock binding does not compute with int64')
  })

  it('refuses values that do not fit the tensor, and tensors that are not there', () => {
    expect(() => binding.createTensor([2], binding.TF_FLOAT, new Float32Array(3))).toThrow(
      '3 values for shape [2]',
    )
    expect(() => binding.createTensor([2], binding.TF_FLOAT, new Int32Array(2))).toThrow(
      'must be in a Float32Array',
    )
    expect(() => binding.tensorDataSync(-5)).toThrow('no tensor -5')
    expect(() => binding.deleteTensor(-5)).toThrow('no tensor -5')
    expect(() => binding.executeOp('Neg', [], [-5], 1)).toThrow('no tensor -5')
  })

  it('keeps no tensor after tidy and dispose, and counts one that is kept', () => {
    const before = binding.getNumOfTensors()
    tf.tidy(() => {
      tf.sum(tf.mul(tf.ones([3]), 2))
    })
    expect(binding.getNumOfTensors()).toBe(before)
    const kept = tf.tidy(() => tf.mul(tf.ones([3]), 2))
    expect(binding.getNumOfTensors()).toBe(before + 1)
    kept.dispose()
    expect(binding.getNumOfTensors()).toBe(before)
  })

  it('shares the array that a tensor was made of, as the native binding may, but not the one that is read', () => {
    const values = Int32Array.of(1, 2)
    const id = binding.createTensor([2], binding.TF_INT32, values)
    values[0] = 5
    const read = binding.tensorDataSync(id)
    expect([...read]).toEqual([5, 2])
    read[0] = 9
    expect([...binding.tensorDataSync(id)]).toEqual([5, 2])
    binding.deleteTensor(id)
  })
})
