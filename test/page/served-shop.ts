import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { silentProgress } from '../../job/progress.ts'
import { LocalKv } from '../../job/publish/local-kv.ts'
import { publishRun } from '../../job/publish/publish-run.ts'
import { type LocalServer, startLocalServer } from '../../job/serve/local-server.ts'
import { type MadeData, madeClock, madeData, makeRun, withFoldIn } from '../publish/made-run.ts'
import { startBrowser, type Visit, visit } from './browser.ts'

export const oddUser = 'a/b?c#d %é "<i>'
export const longId = 'x'.repeat(300)
export const evilTitle = '<img src=x onerror="alert(1)">'

/** What the API answers, as far as the page shows it. */
export interface Answer {
  items: { id: string; title?: string; score?: number }[]
}

export const shownName = ({ id, title = id }: Answer['items'][number]) => title

/** The real worker on two versions of a made shop, and a browser. */
export class ServedShop {
  /** For more states beside the shop's own. */
  folder = ''
  #server: LocalServer | undefined
  #browser: Browser | undefined

  constructor() {
    beforeAll(async () => {
      this.folder = await mkdtemp(join(tmpdir(), 'nightjar-page-'))
      const state = join(this.folder, 'state')
      await publishShop(state, '20260422T031500Z-aaaaaa', { 'ndcg@10': 0.2, 'f1@10': 0.1 })
      await publishShop(state, '20260423T031500Z-bbbbbb', { 'ndcg@10': 0.25, 'f1@10': 0.09 })
      this.#server = await startLocalServer({ port: 0, state })
      this.#browser = await startBrowser()
    })
    afterAll(async () => {
      await this.#browser?.close()
      await this.#server?.close()
      await rm(this.folder, { recursive: true, force: true })
    })
  }

  url(path: string): string {
    return `${this.#server?.url}${path}`
  }

  /** What a program gets. */
  async answer(path: string): Promise<Answer> {
    return (await fetch(this.url(path))).json() as Promise<Answer>
  }

  /** @param url a path of the shop, or the whole URL of another server */
  open(url: string, options?: BrowserContextOptions): Promise<Visit> {
    if (this.#browser === undefined) throw new Error('the browser has not started')
    return visit(this.#browser, url.startsWith('/') ? this.url(url) : url, options)
  }
}

/** Publishes a shop with an odd user, and an item with a long id and a title that looks like HTML. */
export async function publishShop(
  state: string,
  versionId: string,
  metrics: Record<string, number>,
  withHistories = true,
): Promise<void> {
  const made = await makeRun(shop(versionId))
  made.run.manifest.validation = metrics
  const kv = new LocalKv(state)
  const options = { clock: madeClock(), progress: silentProgress, withHistories }
  await publishRun(await withFoldIn(made.run, 1), made.dataset, kv, options)
  await kv.close()
  await rm(made.folder, { recursive: true })
}

function shop(versionId: string): MadeData {
  const data = madeData(versionId, 60, 40, 30)
  data.users[1]!.id = oddUser
  data.items.forEach((item, i) => {
    item.category = ['tea', 'pottery'][i % 2] as string
  })
  data.items[3] = { id: longId, title: evilTitle, category: '' }
  return data
}
