import { escaped } from '../report/html.ts'

/** A picture, before it stands in a page or in a file of its own. */
export interface Drawing {
  /** Unique in a page, and the name of its file. */
  id: string
  width: number
  height: number
  title: string
  /** What it shows, with the figures, for who cannot see it. */
  description: string
  /** SVG elements, with the classes of {@link drawingStyle}. */
  body: string[]
}

/** Looks of drawings, light and dark. Contrast of all text is 4.5 to 1 and more, of all marks 3 to 1. */
export const drawingStyle = `
.drawing { --ink: #1f2937; --soft: #4b5563; --grid: #d9dde3; --bar: #8a94a3; --accent: #1d4ed8; --mark: #b45309;
  --paper: #ffffff; }
@media screen and (prefers-color-scheme: dark) {
  .drawing { --ink: #e8eaed; --soft: #aab2bf; --grid: #38414f; --bar: #7d8899; --accent: #6ea8fe; --mark: #f5b041;
    --paper: #14181f; }
}
.drawing text { font: 12px system-ui, "DejaVu Sans", Verdana, sans-serif; fill: var(--ink); }
.drawing .soft { fill: var(--soft); font-size: 11px; }
.drawing .strong { font-weight: 600; }
.drawing .end { text-anchor: end; }
.drawing .middle { text-anchor: middle; }
.drawing .grid { stroke: var(--grid); }
.drawing .bar { fill: var(--bar); }
.drawing .accent { fill: var(--accent); }
.drawing .curve { fill: none; stroke: var(--accent); stroke-width: 2; }
.drawing .whisker { stroke: var(--ink); stroke-width: 1.5; }
.drawing .halo { fill: none; stroke: var(--paper); stroke-width: 5; }
.drawing .mark { fill: none; stroke: var(--mark); stroke-width: 2; }
.drawing .reading { stroke: var(--mark); stroke-dasharray: 4 3; }
`

/** As an element of a page whose stylesheet holds {@link drawingStyle}. */
export function drawingElement(drawing: Drawing, style = ''): string {
  const { id, width, height, title, description, body } = drawing
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="drawing" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="${id}-title ${id}-text">`,
    `<title id="${id}-title">${escaped(title)}</title>`,
    `<desc id="${id}-text">${escaped(description)}</desc>`,
    ...(style === '' ? [] : [`<style>${style}</style>`]),
    ...body,
    '</svg>',
    '',
  ].join('\n')
}

/** As a file. */
export function drawingFile(drawing: Drawing): string {
  const ground = `.ground { fill: var(--paper); }`
  const { width, height, body } = drawing
  const rect = `<rect class="ground" width="${width}" height="${height}"/>`
  return drawingElement({ ...drawing, body: [rect, ...body] }, `${drawingStyle}${ground}\n`)
}

export function line(x1: number, y1: number, x2: number, y2: number, kind: string): string {
  return `<line x1="${at(x1)}" y1="${at(y1)}" x2="${at(x2)}" y2="${at(y2)}" class="${kind}"/>`
}

export function text(x: number, y: number, content: string, kind = ''): string {
  return `<text x="${at(x)}" y="${at(y)}"${kind === '' ? '' : ` class="${kind}"`}>${escaped(content)}</text>`
}

/** A place, to a tenth of a unit. */
export function at(value: number): string {
  return String(Math.round(10 * value) / 10)
}
