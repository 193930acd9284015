import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { fromJSONSchema } from 'zod'
import {
  choice,
  type Infer,
  integer,
  list,
  MismatchError,
  number,
  numbersByName,
  object,
  optional,
  type Schema,
  text,
} from '../../edge/schema.ts'

const order = object('Order', {
  id: text(1, 8),
  count: integer(1, 5),
  weight: optional(number()),
  state: choice('new', 'sent'),
  notes: optional(list(text(0, 4), 1, 3)),
  figures: optional(numbersByName()),
})

/** Often an order, often nearly one. In ASCII, where bytes are characters. */
const nearly = fc.record(
  {
    id: fc.oneof(fc.string({ maxLength: 9 }), fc.integer()),
    count: fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constantFrom('1', 1.5, null)),
    weight: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant('1')),
    state: fc.constantFrom('new', 'sent', 'lost', 1),
    notes: fc.oneof(
      fc.array(fc.oneof(fc.string({ maxLength: 5 }), fc.boolean()), { maxLength: 4 }),
      fc.object(),
    ),
    figures: fc.dictionary(fc.string({ maxLength: 3 }), fc.oneof(fc.integer(), fc.string())),
    stranger: fc.boolean(),
  },
  { requiredKeys: [] },
)

function takes(schema: Schema<unknown>, value: unknown): boolean {
  try {
    expect(schema.read(value, 'body')).toEqual(value)
    return true
  } catch (error) {
    if (error instanceof MismatchError) return false
    throw error
  }
}

describe('a schema', () => {
  test('takes what its JSON Schema takes, and nothing else', () => {
    const published = fromJSONSchema(order.json as never)
    let taken = 0
    const alike = (value: unknown) => {
      const ours = takes(order, value)
      expect(published.safeParse(value).success).toBe(ours)
      taken += Number(ours)
    }
    const right = { id: 'a', count: 1, state: 'new' }
    // A right order with a field exchanged is right or wrong by one thing.
    const changed = fc
      .tuple(nearly, fc.nat())
      .map(([fields, n]) => ({ ...right, ...Object.fromEntries(cycled(Object.entries(fields), n)) }))
    fc.assert(fc.property(fc.oneof(changed, nearly, fc.jsonValue()), alike), { numRuns: 1000 })
    expect(taken).toBeGreaterThan(50)
  })

  test.each<[unknown, string]>([
    [[], 'body: want an object'],
    [{ count: 1, state: 'new' }, 'body.id: want a string'],
    [{ id: 'a', count: 0, state: 'new' }, 'body.count: want an integer from 1 to 5'],
    [{ id: 'a', count: 1, state: 'lost' }, 'body.state: want new or sent'],
    [
      { id: 'a', count: 1, state: 'new', notes: ['ok', 'too long'] },
      'body.notes[1]: want 0 to 4 bytes of well-formed Unicode',
    ],
    [{ id: 'a', count: 1, state: 'new', notes: [] }, 'body.notes: want 1 to 3 entries, not 0'],
  ])('says where %j is wrong, and what it wants', (value, message) => {
    expect(() => order.read(value, 'body')).toThrow(new MismatchError(...split(message)))
  })

  test('of text counts bytes, not characters, and takes no lone surrogate', () => {
    expect(takes(text(1, 4), 'éé')).toBe(true)
    expect(takes(text(1, 4), 'ééé')).toBe(false)
    expect(takes(text(1, 4), '\ud83d')).toBe(false)
  })

  test('gives the type of what it reads', () => {
    type Order = Infer<typeof order>
    expectTypeOf<Order['state']>().toEqualTypeOf<'new' | 'sent'>()
    expectTypeOf<Order['weight']>().toEqualTypeOf<number | undefined>()
  })
})

/** The n-th entry, round and round; none of none. */
const cycled = <T>(entries: T[], n: number) => entries.filter((_, i) => i === n % entries.length)

function split(message: string): [path: string, want: string] {
  const [path = '', want = ''] = message.split(': want ')
  return [path, want]
}
