/** Colours of the picture and the page, by class so that a file needs nothing else; dark where the reader's screen is, light on paper. */

interface Colours {
  readonly paper: string;
  readonly panel: string;
  readonly ink: string;
  readonly soft: string;
  readonly rule: string;
  readonly defender: string;
  readonly challenger: string;
  readonly truth: string;
  readonly wrong: string;
  readonly burn: string;
}

const LIGHT: Colours = {
  paper: '#ffffff',
  panel: '#f4f6f9',
  ink: '#17202b',
  soft: '#586475',
  rule: '#d5dce5',
  defender: '#c2570c',
  challenger: '#2459d3',
  truth: '#15803d',
  wrong: '#dc2626',
  burn: '#8b95a3',
};

const DARK: Colours = {
  paper: '#0f141b',
  panel: '#18202a',
  ink: '#e8edf4',
  soft: '#9aa6b7',
  rule: '#2d3745',
  defender: '#fb9a4b',
  challenger: '#7ba5ff',
  truth: '#4ade80',
  wrong: '#f87171',
  burn: '#6b7686',
};

function svgRules(c: Colours): string {
  return [
    `.paper{fill:${c.paper}}.panel{fill:${c.panel};stroke:${c.rule}}`,
    `.title,.head,.ink,.code{fill:${c.ink}}.soft,.tiny{fill:${c.soft}}`,
    `.rule{stroke:${c.rule};fill:none}.bar{fill:${c.panel};stroke:${c.rule}}.tick{stroke:${c.rule}}`,
    `.zoom{fill:${c.wrong};fill-opacity:.09}.hit{fill:${c.wrong}}.range{fill:${c.wrong};fill-opacity:.3;stroke:${c.wrong};stroke-dasharray:4 3}`,
    `.defender{fill:${c.defender}}.challenger{fill:${c.challenger}}.truth{fill:${c.truth}}.wrong{fill:${c.wrong}}.burn{fill:${c.burn}}`,
    `.side-d{stroke:${c.defender}}.side-c{stroke:${c.challenger}}.under{stroke:${c.wrong}}`,
    `.zero{fill:${c.paper};stroke:${c.rule}}.one{fill:${c.soft};stroke:${c.soft}}.zero-x{fill:${c.paper};stroke:${c.wrong}}.one-x{fill:${c.wrong};stroke:${c.wrong}}`,
  ].join('\n');
}

const SHAPES = `
.title{font-size:26px;font-weight:650}.head{font-size:16px;font-weight:650}.ink,.soft,.truth,.wrong,.defender,.challenger{font-size:13px}
.strong{font-weight:650}.code,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}.code{font-size:14px;white-space:pre}
.tiny{font-size:11px}.big{font-size:17px}.bit{stroke-width:1}.edge{stroke-width:4;stroke-linecap:round}.under{stroke-width:2.4;fill:none}
`;

/** Only on a screen: paper is light. */
function dark(rules: string): string {
  return `@media screen and (prefers-color-scheme:dark){\n${rules}\n}`;
}

/** Style of a picture that stands alone. */
export const SVG_STYLE = `svg{font-family:system-ui,-apple-system,"Segoe UI",sans-serif}${SHAPES}${svgRules(LIGHT)}\n${dark(svgRules(DARK))}`;

function pageRules(c: Colours): string {
  return [
    `:root{color:${c.ink};background:${c.paper}}`,
    `h2{border-color:${c.rule}}th,.note{color:${c.soft}}td,th{border-color:${c.rule}}`,
    `.d{color:${c.defender}}.c{color:${c.challenger}}.t{color:${c.truth}}.w{color:${c.wrong}}`,
  ].join('\n');
}

/** Style of the page around the picture. */
export const PAGE_STYLE = `
:root{font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;color-scheme:light dark}
body{max-width:960px;margin:0 auto;padding:16px 20px 64px}
svg{display:block;width:100%;height:auto;margin:0 0 8px}
h2{font-size:17px;margin:36px 0 10px;padding-top:18px;border-top:1px solid}
p{max-width:72ch}table{border-collapse:collapse;width:100%;font-size:13px}
td,th{text-align:left;vertical-align:top;padding:5px 14px 5px 0;border-bottom:1px solid}th{font-weight:550}
.n{text-align:right;font-variant-numeric:tabular-nums}code,.m{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:12px;overflow-wrap:anywhere}
.wide{overflow-x:auto}
@media print{body{padding:0;max-width:none}h2{break-after:avoid}tr{break-inside:avoid}@page{margin:14mm}}
${pageRules(LIGHT)}
${dark(pageRules(DARK))}
`;
