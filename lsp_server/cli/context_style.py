"""How the page of `fathom context --html` looks, by day and by night."""

STYLE = """
:root {
  color-scheme: light dark;
  --back: #fbfbf9; --fore: #1c1d20; --muted: #5a5d65; --line: #d8d8d3; --code: #f1f1ed; --link: #0a55a0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #15171a; --fore: #e9e9e6; --muted: #a6a9b1; --line: #373a40; --code: #202328; --link: #8fbdf3;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--back); color: var(--fore); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
header p { margin: 0; color: var(--muted); }
header b { color: var(--fore); }
h1 { margin: .1rem 0 .3rem; font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 2.2rem 0 .7rem; font-size: 1.05rem; }
a { color: var(--link); }
pre, code { font: 12.5px/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; tab-size: 4; }
pre { margin: 0; padding: .6rem .8rem; overflow-x: auto; background: var(--code); border-radius: 6px; }
pre, bdi { unicode-bidi: isolate; direction: ltr; }
.around { margin-top: 1rem; }
.cursor { margin: 0 -1px; padding: .1em 0; border-left: 2px solid var(--link); }
svg { display: block; }
.bar { width: 100%; height: 30px; border-radius: 6px; }
.bar rect { stroke: var(--back); stroke-width: 1; vector-effect: non-scaling-stroke; }
.map { width: 100%; height: auto; }
.free { fill: var(--code); stroke: var(--line); }
.head { fill: var(--fore); }
.field { stroke: var(--back); stroke-width: 1; }
.map a:hover .field, .map a:focus .field { stroke: var(--fore); stroke-width: 2; }
.map text { font: 11px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #111; }
.map text { pointer-events: none; }
.other { fill: #b5b5b5; }
.map .name { fill: var(--back); font-weight: 600; }
.map .small { fill: #2b2b2b; }
.map .free ~ text { fill: var(--muted); }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.4rem; margin: .7rem 0 0; padding: 0; }
.legend { list-style: none; }
.legend span, summary span, .part span { color: var(--muted); font-variant-numeric: tabular-nums; }
.swatch { display: inline-block; width: 12px; height: 12px; margin-right: .45em; vertical-align: -1px; }
.swatch { border-radius: 3px; }
.scroll { overflow-x: auto; }
table { width: 100%; min-width: 44rem; border-collapse: collapse; table-layout: fixed; font-size: 14px; }
th { color: var(--muted); font-weight: 600; text-align: left; }
th, td { padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: baseline; }
td { overflow-wrap: anywhere; }
td:last-child { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
th:nth-child(1), th:nth-child(2) { width: 4.4rem; }
th:nth-child(3) { width: 26%; }
th:nth-child(4) { width: 34%; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
details { margin: .6rem 0; border: 1px solid var(--line); border-radius: 8px; }
summary { padding: .5rem .8rem; font-weight: 600; cursor: pointer; overflow-wrap: anywhere; }
summary span { font-weight: 400; }
.part { display: grid; grid-template-columns: minmax(0, 1fr) 17rem; gap: 1rem; padding: 0 .8rem .5rem; }
.part p { margin: 0; padding: .45rem 0; font-size: 13px; line-height: 1.35; }
.part span { display: block; font-size: 12px; }
.part pre { padding: .4rem .8rem; }
.part:target pre { outline: 2px solid var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
@media (max-width: 45rem) { .part { grid-template-columns: minmax(0, 1fr); gap: 0; } }
@media print { pre { white-space: pre-wrap; } }
"""
