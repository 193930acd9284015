import type { Context } from 'hono'
import { openapiDocument } from '../openapi.ts'

let text: string | undefined

/** `GET /openapi.json`. It changes with the worker alone, so an isolate writes it once. */
export function openapi(c: Context): Response {
  text ??= JSON.stringify(openapiDocument())
  return c.body(text, 200, { 'Content-Type': 'application/json', 'Cache-Control': 'public, max-age=300' })
}
