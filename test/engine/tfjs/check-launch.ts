import { type AttributeValue, demand, refuse } from './mock-tensor.ts'
import definitions from './tensorflow-op-definitions.json' with { type: 'json' }

/** An attribute as the JS layer hands it to the binding: `type` is one of `attributeTypes`. */
export interface PassedAttribute {
  name: string
  type: number
  value: unknown
}

/** The numbers of TensorFlow's C API, TF_DataType and TF_AttrType. */
export const dataTypes = {
  float32: 1,
  int32: 3,
  uint8: 4,
  string: 7,
  complex64: 8,
  int64: 9,
  bool: 10,
  resource: 20,
}
export const attributeTypes = { string: 0, int: 1, float: 2, bool: 3, type: 4, shape: 5 }

interface Argument {
  name: string
  type: string
  number?: string
}

interface Attribute {
  type: string
  allowed?: string[]
  minimum?: number
  default?: AttributeValue
}

interface Definition {
  inputs: Argument[]
  outputs: Argument[]
  attrs: Record<string, Attribute>
}

/**
 * Checks a launch against what TensorFlow 2.9 declares of the operation: its name, its attributes with their types
 * and values, how many inputs of which types, how many outputs.
 *
 * Gives all attributes, with defaults where none was passed, and the types of the outputs. Data types are by name.
 */
export function checkLaunch(
  op: string,
  passed: PassedAttribute[],
  inputTypes: string[],
  outputCount: number,
): { attributes: Record<string, AttributeValue>; outputTypes: string[] } {
  const definition =
    (definitions.ops as Record<string, Definition>)[op] ??
    refuse('no such operation in tensorflow-op-definitions.json')
  const given = valuesOf(passed, definition.attrs)
  const all: Record<string, AttributeValue> = { ...inferred(definition, inputTypes), ...given }
  for (const [name, attribute] of Object.entries(definition.attrs)) {
    all[name] ??= attribute.default ?? refuse(`attribute ${name} is missing`)
    // Again, for a type that was inferred may be none that is allowed.
    checkValue(name, all[name], attribute)
  }

  const wanted = typesOf(definition.inputs, definition.attrs, all)
  demand(inputTypes.length === wanted.length, `${inputTypes.length} inputs, want ${wanted.length}`)
  for (const [i, type] of inputTypes.entries()) {
    demand(type === wanted[i], `input ${i} was expected to be ${wanted[i]} but is ${type}`)
  }
  const outputTypes = typesOf(definition.outputs, definition.attrs, all)
  demand(
    outputCount === outputTypes.length,
    `${outputCount} outputs asked for, there are ${outputTypes.length}`,
  )
  return { attributes: all, outputTypes }
}

function valuesOf(passed: PassedAttribute[], declared: Record<string, Attribute>) {
  const values: Record<string, AttributeValue> = {}
  for (const { name, type, value } of passed) {
    const attribute = declared[name] ?? refuse(`no attribute ${name}`)
    demand(!(name in values), `attribute ${name} is passed twice`)
    demand(
      type === attributeTypes[attribute.type as keyof typeof attributeTypes],
      `attribute ${name} is passed with type ${type}, but it is of type ${attribute.type}`,
    )
    values[name] = attribute.type === 'type' ? typeName(value) : (value as AttributeValue)
    checkValue(name, values[name], attribute)
  }
  return values
}

/**
 * Type attributes need not be passed: TensorFlow takes each from the first input that has it. It gives up at an input
 * that is a list (EagerOperation::MaybeInferSingleInputAttrs). tf.expandDims counts on this.
 */
function inferred(definition: Definition, inputTypes: string[]): Record<string, AttributeValue> {
  const types: Record<string, AttributeValue> = {}
  for (const [i, { type, number }] of definition.inputs.entries()) {
    if (number !== undefined) break
    if (type in definition.attrs && i < inputTypes.length) types[type] ??= inputTypes[i]
  }
  return types
}

function checkValue(name: string, value: AttributeValue, { type, allowed, minimum }: Attribute): void {
  const fits = { bool: typeof value === 'boolean', int: Number.isInteger(value), type: true }[type]
  demand(fits === true, `attribute ${name} is ${value}, want ${type}`)
  demand(
    allowed === undefined || allowed.includes(String(value)),
    `attribute ${name} is ${value}, want one of ${allowed?.join(', ')}`,
  )
  demand(
    minimum === undefined || Number(value) >= minimum,
    `attribute ${name} is ${value}, want at least ${minimum}`,
  )
}

function typesOf(
  args: Argument[],
  declared: Record<string, Attribute>,
  values: Record<string, AttributeValue>,
): string[] {
  return args.flatMap(({ type, number }) =>
    new Array(number === undefined ? 1 : Number(values[number])).fill(type in declared ? values[type] : type),
  )
}

/** The name of a TF_DataType. */
export function typeName(code: unknown): string {
  const entry = Object.entries(dataTypes).find(([, number]) => number === code)
  return entry?.[0] ?? refuse(`no data type has number ${code}`)
}
