import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { parse, View } from 'vega'
import type { Config, compile, TopLevelSpec } from 'vega-lite'
import { NightjarError } from '../errors.ts'
import { projectRoot } from '../project-root.ts'
import { escaped } from './html.ts'

/** A chart of a report: what it shows as words for who cannot see it, and how it is drawn. */
export interface Chart {
  /** Unique in the page. */
  id: string
  title: string
  description: string
  spec: TopLevelSpec
}

/** What `npm run build:charts` bundles. */
interface Drawers {
  compile: typeof compile
  parse: typeof parse
  View: typeof View
}

let drawers: Promise<Drawers> | undefined

/** The colours of charts, by name: the page says what they are in light and in dark. */
export const ink = {
  text: 'var(--ink)',
  soft: 'var(--soft)',
  grid: 'var(--line)',
  /** This run. */
  own: 'var(--own)',
  /** What it is compared with. */
  other: 'var(--other)',
  /** Popularity, all interactions: the ground that lists are seen before. */
  base: 'var(--base)',
} as const

const font = 'system-ui, "DejaVu Sans", Verdana, sans-serif'

/** Looks that all charts share. Words for screen readers are the page's, so Vega's are left out. */
const config: Config = {
  aria: false,
  background: 'transparent',
  font,
  view: { stroke: null },
  axis: {
    ...{ labelColor: ink.soft, titleColor: ink.text, tickColor: ink.grid, domainColor: ink.grid },
    ...{ gridColor: ink.grid, labelFontSize: 11, titleFontSize: 12, titleFontWeight: 'normal' },
    ...{ tickCount: 5, titlePadding: 8, labelLimit: 160 },
  },
  legend: {
    ...{ labelColor: ink.text, titleColor: ink.text, labelFontSize: 12, orient: 'top', title: null },
    ...{ offset: 6, symbolSize: 90, labelLimit: 220 },
  },
  text: { color: ink.text, fontSize: 11 },
  rule: { color: ink.soft },
}

/** @returns an SVG element; the same for the same chart, on every machine */
export async function drawChart({ id, title, description, spec }: Chart): Promise<string> {
  drawers ??= openDrawers()
  const { compile, parse, View } = await drawers
  const lite = { $schema: 'https://vega.github.io/schema/vega-lite/v6.json', ...spec, config } as TopLevelSpec
  const view = new View(parse(compile(lite).spec), { renderer: 'none' })
  const svg = await view.toSVG()
  view.finalize()
  const [, attributes = '', body = ''] = /^<svg([^>]*)>(.*)<\/svg>$/s.exec(svg) ?? []
  const viewBox = /viewBox="[^"]*"/.exec(attributes)?.[0] ?? ''
  const [width, height] = viewBox.match(/[\d.]+/g)?.slice(2) ?? []
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${viewBox} width="${width}" height="${height}" role="img" aria-labelledby="${id}-title ${id}-text">`,
    `<title id="${id}-title">${escaped(title)}</title>`,
    `<desc id="${id}-text">${escaped(description)}</desc>`,
    `${body.replace(/<[^>]*>/g, plainTag)}</svg>`,
  ].join('\n')
}

async function openDrawers(): Promise<Drawers> {
  const file = join(projectRoot(), 'dist', 'charts.mjs')
  try {
    return (await import(pathToFileURL(file).href)) as Drawers
  } catch (cause) {
    throw new NightjarError('CHARTS_NOT_BUILT', {
      what: `${file}, which draws the charts, cannot be loaded`,
      why: 'it is made by the build, and nothing of it is in the sources',
      fix: 'npm run build:charts',
      cause,
    })
  }
}

/** A tag with its places to a hundredth of a unit, for nobody sees more, and without roles that nothing names. */
function plainTag(tag: string): string {
  const plain = tag.replace(/ (?:role|aria-[a-z]+)="[^"]*"/g, '')
  return plain.replace(/\d+\.\d{3,}/g, (place) => String(Math.round(100 * Number(place)) / 100))
}
