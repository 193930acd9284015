import { escaped } from './html.ts'

/** What makes one page; all but the title and the links' words is HTML already. */
export interface HtmlPage {
  title: string
  style: string
  /** What stands under the title. */
  lead?: readonly string[]
  /** The parts of the page, by their ids. */
  links: readonly { id: string; words: string }[]
  bodies: readonly string[]
}

/** A page that asks for nothing else: no script, no network. */
export function htmlPage({ title, style, lead = [], links, bodies }: HtmlPage): string {
  const items = links.map(({ id, words }) => `<li><a href="#${id}">${escaped(words)}</a></li>`)
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    `<header><h1>${escaped(title)}</h1>`,
    ...lead,
    '</header>',
    `<nav aria-label="Parts"><ul>${items.join('')}</ul></nav>`,
    '<main>',
    ...bodies,
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n')
}
