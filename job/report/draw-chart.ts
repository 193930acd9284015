import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { parse, View } from 'vega'
import type { Config, compile, TopLevelSpec } from 'vega-lite'
import { NightjarError } from '../errors.ts'
import { projectRoot } from '../project-root.ts'
import { escaped } from './html.ts'
import { themeStyle } from './page-style.ts'

/** A chart: what it shows as words for who cannot see it, and how it is drawn. */
export interface Chart {
  /** Unique in a page. */
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
  /** What lies below all marks. */
  ground: 'var(--ground)',
  /** This run; the model that a comparison is about. */
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
  title: {
    ...{ color: ink.text, fontSize: 12, fontWeight: 'normal', anchor: 'start', offset: 6 },
  },
  text: { color: ink.text, fontSize: 11 },
  rule: { color: ink.soft },
}

/** @returns an SVG element for a page that says what the colours are; the same for the same chart, on every machine */
export function drawChart(chart: Chart): Promise<string> {
  return svgElement(chart, chart.spec)
}

/** @returns an SVG file, light or dark as whoever looks at it wants, with the chart's title above it */
export async function chartFile(chart: Chart): Promise<string> {
  const title = { text: chart.title, fontSize: 13, fontWeight: 'bold', frame: 'bounds', offset: 12 }
  const spec = { ...chart.spec, title, padding: 12 } as TopLevelSpec
  const ground = `<rect width="100%" height="100%" fill="${ink.ground}"/>`
  return `${await svgElement(chart, spec, `<style>${themeStyle}</style>\n${ground}\n`)}\n`
}

/** @param below elements that come before the chart's own */
async function svgElement(
  { id, title, description }: Chart,
  spec: TopLevelSpec,
  below = '',
): Promise<string> {
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
    `${below}${body.replace(/<[^>]*>/g, plainTag)}</svg>`,
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
