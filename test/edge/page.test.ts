import { env } from 'cloudflare:workers'

import { describe, expect, test } from 'vitest'
import { createApp } from '../../edge/app.ts'
import { startWorker } from './seed.ts'

const { get } = startWorker(undefined, env.LISTS, { OPEN_HISTORIES: 'true' })

describe('the page', () => {
  test.each([
    ['/', 'text/html; charset=utf-8'],
    ['/page/page.js', 'text/javascript; charset=utf-8'],
    ['/page/page.css', 'text/css; charset=utf-8'],
    ['/page/nightjar.svg', 'image/svg+xml'],
  ])('%s is served, and lets nothing in from elsewhere', async (path, type) => {
    const response = await get(path)
    expect([response.status, response.headers.get('Content-Type')]).toEqual([200, type])
    expect(response.headers.get('Content-Security-Policy')).toContain("default-src 'self'")
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff')
    expect(response.headers.get('Referrer-Policy')).toBe('no-referrer')
    expect(response.headers.get('Cache-Control')).toBe('private, no-cache')
    expect((await response.text()).length).toBeGreaterThan(100)
  })

  test('has no script or style of its own inside, and names no other site', async () => {
    const html = await (await get('/')).text()
    expect(html).not.toMatch(/<style|style=|\son\w+=|<script(?![^>]* src=)/)
    expect(html).not.toMatch(/https?:\/\//)
  })

  test('is asked for again with its tag, and not sent twice', async () => {
    const etag = (await get('/page/page.js')).headers.get('ETag') ?? ''
    const again = await get('/page/page.js', { headers: { 'If-None-Match': etag } })
    expect([etag === '', again.status, await again.text()]).toEqual([false, 304, ''])
    expect(again.headers.get('Content-Security-Policy')).toContain("default-src 'self'")
  })

  test.each(['/index.html', '/page', '/page/', '/page/nothing.js', '/page/..%2findex.html', '/favicon.ico'])(
    '%s is no route',
    async (path) => {
      const response = await get(path)
      expect(await response.json()).toMatchObject({ status: 404, code: 'not-found' })
    },
  )

  test('is shown to who has a key, and where none is configured to nobody', async () => {
    const statusOf = async (bindings: object, headers: Record<string, string> = {}) => {
      const worker = startWorker(undefined, env.LISTS, bindings)
      const paths = ['/', '/page/page.js', '/v1/users/ann/history', '/v1/examples']
      return Promise.all(paths.map(async (path) => (await worker.get(path, { headers })).status))
    }
    expect(await statusOf({})).toEqual([403, 403, 403, 403])
    const keys = { API_KEYS: 'shop=0123456789abcdef' }
    expect(await statusOf(keys)).toEqual([401, 401, 401, 401])
    const basic = { Authorization: `Basic ${btoa('anybody:0123456789abcdef')}` }
    // Let in; nothing is published.
    expect(await statusOf(keys, basic)).toEqual([200, 200, 503, 503])
  })

  test('another method is not allowed', async () => {
    const response = await get('/', { method: 'POST' })
    expect([response.status, response.headers.get('Allow')]).toEqual([405, 'GET, HEAD'])
  })

  test('a worker without its files says that it has no page, and answers all else', async () => {
    const app = createApp({ write: () => {} })
    const ask = (path: string) =>
      app.fetch(new Request(`https://nightjar.test${path}`), {
        LISTS: {} as KVNamespace,
        OPEN_HISTORIES: 'true',
      })
    expect(await (await ask('/')).json()).toMatchObject({ status: 404, code: 'not-found' })
    expect((await ask('/health/live')).status).toBe(200)
  })
})
