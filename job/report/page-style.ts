/** Colours by name, in light and in dark. Contrast of text with the ground is 4.5 to 1 and more, of a chart's marks 3 to 1. */
export const themeStyle = `
:root { color-scheme: light dark; --ground: #ffffff; --ink: #1f2937; --soft: #4b5563; --line: #d9dde3; --stripe: #f5f6f8;
  --link: #1d4ed8; --good: #166534; --bad: #9f1239; --own: #1d4ed8; --other: #b45309; --base: #7b8594; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ground: #14181f; --ink: #e8eaed; --soft: #aab2bf; --line: #38414f; --stripe: #1c222b;
    --link: #8ab8ff; --good: #86efac; --bad: #fda4af; --own: #6ea8fe; --other: #f5b041; --base: #8d97a6; }
}
`

/** The stylesheet of a page of tables and charts: light and dark, from a phone to paper. */
export const pageStyle = `${themeStyle}* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, "DejaVu Sans", Verdana, sans-serif; }
main, header, nav { max-width: 1240px; margin: 0 auto; padding: 0 16px; }
main { padding-bottom: 64px; }
h1 { font-size: 1.6rem; margin: 24px 0 8px; }
h2 { font-size: 1.2rem; margin: 40px 0 8px; scroll-margin-top: 12px; }
p { max-width: 75ch; margin: 8px 0; }
a { color: var(--link); }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 16px; padding: 0; margin: 8px 0; list-style: none; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.beside { display: grid; gap: 16px 28px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 350px), 1fr)); align-items: start; }
.whole { display: grid; gap: 20px; }
.scroll { overflow-x: auto; min-width: 0; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: 8px 0 4px; }
th, td { padding: 5px 8px; border-bottom: 1px solid var(--line); text-align: right; vertical-align: top; }
thead th { color: var(--soft); font-weight: 600; vertical-align: bottom; }
tbody th { text-align: left; font-weight: 500; }
th:first-child { padding-left: 0; }
.words { text-align: left; }
.whole table { min-width: 680px; }
.whole tbody th { min-width: 10rem; }
td, td small { white-space: nowrap; }
td.words, td.words small { white-space: normal; }
td small { display: block; color: var(--soft); font-size: .75rem; }
td.soft { color: var(--soft); }
td.strong > span { font-weight: 700; }
td.good > span { color: var(--good); font-weight: 600; }
td.bad > span { color: var(--bad); font-weight: 600; }
tr.apart th, tr.apart td { border-top: 2px solid var(--line); }
tbody tr:hover { background: var(--stripe); }
@media (max-width: 480px) { main, header, nav { padding-left: 12px; padding-right: 12px; } th, td { padding: 5px 5px; } }
@media print {
  nav { display: none; }
  body { font-size: 10pt; }
  .scroll { overflow: visible; }
  table, svg { break-inside: avoid; }
  h2 { break-after: avoid; }
}
`
