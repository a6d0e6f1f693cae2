# Copyright: Contributors to the flagops.launchdarkly project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release. Do not import it from elsewhere.

"""The style sheet of a report's page.

System fonts and no pictures, since the page has to look the same in an archive, years from now. Colours never stand alone: each
kind of span has a pattern, each verdict a word.
"""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1c2128; --soft: #59626e; --rule: #e2e5e9; --panel: #f6f7f9; --link: #1f5aa8;
  --good: #1f6f43; --good-tint: #e6f3eb; --bad: #a52a22; --bad-tint: #fbeae8;
  --open: #835806; --open-tint: #fbf1dc; --neutral: #4d5663; --neutral-tint: #eceff2;
  --rollout: #4377bb; --approval: #f3dba6; --approval-edge: #b8810f; --soak: #c9e5df; --soak-edge: #2f7f70;
  --checks: #e0d6ef; --checks-edge: #6d4fa3; --on-rollout: #ffffff;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --ink: #e5e8ec; --soft: #9fa8b4; --rule: #2c323a; --panel: #1b1f25; --link: #8ab6f2;
    --good: #7fd0a0; --good-tint: #1a3023; --bad: #f2968e; --bad-tint: #3a1e1c;
    --open: #e6be6c; --open-tint: #352a13; --neutral: #b4bcc7; --neutral-tint: #272c33;
    --rollout: #3f70b0; --approval: #4a3a14; --approval-edge: #d6a544; --soak: #1d3f39; --soak-edge: #5fb5a4;
    --checks: #382c4f; --checks-edge: #a78cd8; --on-rollout: #ffffff;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.55 -apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
main { max-width: 68rem; margin: 0 auto; padding: 3.5rem 2rem 4rem; }
.kicker { margin: 0 0 .35rem; color: var(--soft); font-size: .8rem; letter-spacing: .09em; text-transform: uppercase; }
h1 { margin: 0; font-size: 2rem; line-height: 1.2; font-weight: 650; letter-spacing: -.015em; }
h1 .project { color: var(--soft); font-weight: 400; }
h2 { margin: 0 0 1rem; font-size: 1.15rem; line-height: 1.3; font-weight: 650; }
section { margin-top: 3rem; }
p { margin: 0; }
a { color: var(--link); text-underline-offset: .15em; }
code { font: .87em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; }
.verdict {
  display: flex; gap: 1rem; align-items: baseline; margin: 1.75rem 0 0; padding: 1.1rem 1.25rem;
  border-radius: 8px; border: 1px solid var(--edge); border-left-width: 5px; background: var(--tint);
}
.verdict .badge { flex: none; font-size: .95rem; padding: .1rem .7rem; background: var(--paper); }
.verdict p { max-width: 46rem; }
.good { --edge: var(--good); --tint: var(--good-tint); }
.bad { --edge: var(--bad); --tint: var(--bad-tint); }
.open { --edge: var(--open); --tint: var(--open-tint); }
.neutral { --edge: var(--neutral); --tint: var(--neutral-tint); }
.badge {
  display: inline-block; padding: 0 .55rem; border: 1px solid var(--edge); border-radius: 1rem;
  background: var(--tint); color: var(--edge); font-size: .85rem; font-weight: 600; line-height: 1.6;
}
.long { overflow-wrap: anywhere; }
.badge:not(.long) { white-space: nowrap; }
.badge.bad { border-style: double; border-width: 3px; padding: 0 .45rem; line-height: 1.4; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: 1.1rem 2rem; margin: 1.75rem 0 0; }
dt { color: var(--soft); font-size: .8rem; }
dd { margin: .1rem 0 0; }
section dl { margin: 0; }
.freeze dl { padding: 1.1rem 1.25rem; border-radius: 8px; background: var(--panel); }
dl > div { min-width: 0; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
caption { text-align: left; padding: 0 0 1rem; font-size: 1.15rem; line-height: 1.3; font-weight: 650; color: var(--ink); }
caption h2 { margin: 0; font-size: inherit; }
th { text-align: left; color: var(--soft); font-weight: 500; font-size: .8rem; }
th, td { padding: .65rem 1.25rem .65rem 0; vertical-align: top; border-bottom: 1px solid var(--rule); }
tbody th { color: var(--ink); font-size: inherit; font-weight: 600; min-width: 7.5rem; }
thead th { padding-top: 0; border-bottom-color: var(--soft); }
th:last-child, td:last-child { padding-right: 0; }
[data-label="Measurements"] { min-width: 8.5rem; }
.phases [data-label="Took"] { white-space: nowrap; }
[data-label="Reviewers"] { min-width: 10rem; }
[data-label="Comment"], [data-label="Last evidence"], [data-label="What was done"] { min-width: 9rem; }
.line { display: block; }
.line + .line { color: var(--soft); font-size: .93em; font-weight: 400; margin-top: .1rem; }
.line + .line a, .line + .line .badge { font-size: 1em; }
time { display: inline-block; }
time .clock { display: inline-block; color: var(--soft); white-space: nowrap; }
time .day { white-space: nowrap; }
.none { color: var(--soft); }
section > ul { margin: 0; padding-left: 1.15rem; }
.timeline, .strip, .legend svg { display: block; }
.strip { max-width: 100%; }
.timeline { overflow: visible; }
.patterns { position: absolute; }
.timeline text { font-size: 12px; fill: var(--soft); }
.timeline .name { font-size: 14px; font-weight: 600; fill: var(--ink); }
.timeline .aside { text-anchor: end; font-size: 13px; }
.timeline .day { font-size: 11px; }
.timeline .tick { fill: var(--ink); }
.timeline .word { font-size: 11.5px; fill: var(--ink); stroke-width: 4px; stroke-linejoin: round; paint-order: stroke; }
.timeline .rollout ~ .word { fill: var(--on-rollout); stroke: var(--rollout); }
.timeline .approval ~ .word { stroke: var(--approval); }
.timeline .soak ~ .word { stroke: var(--soak); }
.timeline .checks ~ .word { stroke: var(--checks); }
.grid { stroke: var(--rule); stroke-width: 1px; }
.pause { fill: var(--panel); stroke: var(--soft); stroke-opacity: .45; stroke-dasharray: 2 3; }
.track { fill: var(--rule); }
.track.idle { opacity: .75; }
.bar { stroke-width: 1px; }
.bar.rollout { fill: var(--rollout); stroke: var(--rollout); }
.bar.approval { fill: var(--approval); stroke: var(--approval-edge); }
.bar.soak { fill: var(--soak); stroke: var(--soak-edge); }
.bar.checks { fill: var(--checks); stroke: var(--checks-edge); }
.bar.open { stroke-dasharray: 4 3; stroke-width: 2px; stroke: var(--ink); }
pattern path { fill: none; stroke-width: 1.5px; }
pattern.approval path { stroke: var(--approval-edge); }
pattern.checks path { stroke: var(--checks-edge); stroke-width: 1.2px; }
pattern.soak circle { fill: var(--soak-edge); }
circle.mark { fill: var(--good); }
path.mark { fill: none; stroke: var(--bad); stroke-width: 2px; }
.stroke.good { fill: var(--good); }
.stroke.bad { fill: var(--bad); }
.legend { display: flex; flex-wrap: wrap; gap: .4rem 1.5rem; margin: 1.1rem 0 0; padding: 0; list-style: none; }
.legend li { display: flex; align-items: center; gap: .5rem; color: var(--soft); font-size: .85rem; }
footer { margin-top: 3.5rem; padding-top: 1.1rem; border-top: 1px solid var(--rule); color: var(--soft); font-size: .8rem; }
@media screen and (max-width: 760px) {
  main { padding: 2rem 1.25rem 3rem; }
  h1 { font-size: 1.5rem; }
  section { margin-top: 2.5rem; }
  .verdict { display: block; }
  .verdict .badge { margin-bottom: .6rem; }
  dl { grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: .9rem 1.25rem; }
  table, caption, tbody, tr, td, tbody th { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { padding: .8rem 0; border-top: 1px solid var(--rule); }
  tbody th, td { padding: .12rem 0; border: 0; }
  tbody th { padding-bottom: .4rem; font-size: 1rem; }
  td { display: grid; grid-template-columns: 7.5rem 1fr; gap: 0 .75rem; }
  td::before { content: attr(data-label); color: var(--soft); font-size: .87em; }
  td > .lines { min-width: 0; }
  td.blank { display: none; }
}
@media print {
  @page { margin: 16mm 14mm; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  html { font-size: 12.5px; }
  body { font-size: 9.5pt; }
  main { max-width: none; padding: 0; }
  h1 { font-size: 18pt; }
  section { margin-top: 1.6rem; }
  h2, caption { break-after: avoid; }
  tr, .verdict, .timeline, .legend, section dl { break-inside: avoid; }
  thead { display: table-header-group; }
  th, td { padding: .4rem .8rem .4rem 0; }
  a::after { content: " " attr(href); color: var(--soft); font-size: .87em; }
}
"""
