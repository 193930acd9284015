import { attributeTypes, checkLaunch, dataTypes, type PassedAttribute, typeName } from './check-launch.ts'
import { computations } from './mock-ops/compute.ts'
import {
  type AttributeValue,
  demand,
  type MockDtype,
  type MockTensor,
  newTensor,
  refuse,
  show,
  sizeOf,
} from './mock-tensor.ts'

/** An operation that the JS layer launched: `attrs` are those that it passed, data types by name. */
export interface Launch {
  op: string
  attrs: Record<string, AttributeValue>
  inputs: TensorFacts[]
  outputs: TensorFacts[]
}

interface TensorFacts {
  shape: number[]
  dtype: MockDtype
}

/**
 * Stands in for the native part of tfjs-node-gpu, which hands operations to libtensorflow.
 *
 * What a test on it proves: which operations would be launched, that TensorFlow 2.9 has them, and that it takes these
 * attributes, types and shapes. Also that they compute the right thing, if each operation does what its documentation
 * says. What it does not prove: that libtensorflow can be loaded, and that TensorFlow's kernels, CUDA and cuDNN do the
 * right thing, fast, or in the memory there is. Numbers come from plain loops here.
 *
 * An error begins with "mock binding", so that it cannot be taken for one of TensorFlow's.
 */
export class MockBinding {
  readonly TF_FLOAT = dataTypes.float32
  readonly TF_INT32 = dataTypes.int32
  readonly TF_INT64 = dataTypes.int64
  readonly TF_BOOL = dataTypes.bool
  readonly TF_COMPLEX64 = dataTypes.complex64
  readonly TF_STRING = dataTypes.string
  readonly TF_RESOURCE = dataTypes.resource
  readonly TF_UINT8 = dataTypes.uint8
  readonly TF_ATTR_STRING = attributeTypes.string
  readonly TF_ATTR_INT = attributeTypes.int
  readonly TF_ATTR_FLOAT = attributeTypes.float
  readonly TF_ATTR_BOOL = attributeTypes.bool
  readonly TF_ATTR_TYPE = attributeTypes.type
  readonly TF_ATTR_SHAPE = attributeTypes.shape
  readonly TF_Version = '2.9 (mock)'

  /** Every operation that was launched, in order. A test may empty it. */
  launches: Launch[] = []

  readonly #tensors = new Map<number, MockTensor>()
  #nextId = 0

  isUsingGpuDevice(): boolean {
    return true
  }

  /** How many tensors live in the binding: what a leak makes grow. */
  getNumOfTensors(): number {
    return this.#tensors.size
  }

  /**
   * The values are not copied, for the native binding does not copy them either unless they go to a GPU: who writes
   * into an array that was handed to tfjs changes the tensor.
   */
  createTensor(shape: number[], dtype: number, values: unknown): number {
    const name = typeName(dtype)
    const { values: sample } = newTensor(mockDtype(name), [])
    demand(
      values instanceof Object && values.constructor === sample.constructor,
      `mock binding: createTensor: values for ${name} must be in a ${sample.constructor.name}`,
    )
    const array = values as MockTensor['values']
    demand(
      array.length === sizeOf(shape),
      `mock binding: createTensor: ${array.length} values for shape ${show(shape)}`,
    )
    return this.#keep({ shape: [...shape], dtype: mockDtype(name), values: array })
  }

  deleteTensor(id: number): void {
    demand(this.#tensors.delete(id), `mock binding: deleteTensor: no tensor ${id}`)
  }

  tensorDataSync(id: number): MockTensor['values'] {
    return this.#tensor(id).values.slice()
  }

  executeOp(
    op: string,
    passed: PassedAttribute[],
    inputIds: number[],
    outputCount: number,
  ): { id: number; shape: number[]; dtype: number }[] {
    const inputs = inputIds.map((id) => this.#tensor(id))
    try {
      const types = inputs.map(({ dtype }) => dtype)
      const { attributes, outputTypes } = checkLaunch(op, passed, types, outputCount)
      for (const type of outputTypes) mockDtype(type)
      const outputs = computations[op](inputs, attributes)
      const computed = outputs.map(({ dtype }) => dtype)
      demand(computed.join() === outputTypes.join(), `computed ${computed}, declared ${outputTypes}`)
      const attrs = Object.fromEntries(passed.map(({ name }) => [name, attributes[name]]))
      this.launches.push({ op, attrs, inputs: inputs.map(factsOf), outputs: outputs.map(factsOf) })
      return outputs.map((output) => ({
        id: this.#keep(output),
        shape: output.shape,
        dtype: dataTypes[output.dtype],
      }))
    } catch (error) {
      const seen = inputs.map(({ dtype, shape }) => `${dtype} ${show(shape)}`).join(', ')
      throw new Error(`mock binding: ${op}(${seen}): ${error instanceof Error ? error.message : error}`)
    }
  }

  #keep(tensor: MockTensor): number {
    this.#tensors.set(this.#nextId, tensor)
    return this.#nextId++
  }

  #tensor(id: number): MockTensor {
    return this.#tensors.get(id) ?? refuse(`mock binding: no tensor ${id}`)
  }
}

const factsOf = ({ shape, dtype }: MockTensor): TensorFacts => ({ shape: [...shape], dtype })

function mockDtype(name: string): MockDtype {
  if (name === 'float32' || name === 'int32' || name === 'bool') return name
  return refuse(`the mock binding does not compute with ${name}`)
}
