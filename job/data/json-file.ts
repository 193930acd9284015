import type { ZodType } from 'zod'
import { NightjarError } from '../errors.ts'
import type { Store } from '../store/store.ts'

/**
 * Reads a JSON file and checks its shape.
 *
 * @throws NightjarError `code` where it is no JSON or not of this shape; NOT_FOUND where there is none
 */
export async function readJsonFile<T>(
  store: Store,
  key: string,
  schema: ZodType<T>,
  code: string,
): Promise<T> {
  const text = new TextDecoder().decode(await store.read(key))
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new NightjarError(code, { what: `${store.uri}/${key} is not JSON`, cause })
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const isOther = issue?.path[0] === 'format'
  throw new NightjarError(code, {
    what: `${store.uri}/${key}: ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'not of this shape'}`,
    why: isOther
      ? 'the folder is of another kind: a dataset where a run is meant, or the other way round'
      : 'the file was edited by hand, or written by another version of nightjar',
    ...(isOther ? { fix: `nightjar inspect ${store.uri}   says what it is` } : {}),
  })
}

/** Writes a value as indented JSON, atomically. */
export async function writeJsonFile(store: Store, key: string, value: unknown): Promise<void> {
  await store.put(key, new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`))
}
