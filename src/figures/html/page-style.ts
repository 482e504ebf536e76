/** @file The style sheet of reports. Colours are those of the figures. */

export const PAGE_CSS = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--fig-surface);color:var(--fig-ink);line-height:1.55;font-size:16px;
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:1120px;margin:0 auto;padding:40px 28px 64px}
header{margin-bottom:28px}
h1{font-size:1.9rem;line-height:1.2;letter-spacing:-.015em;margin:0 0 6px;overflow-wrap:anywhere}
h2{font-size:1.2rem;letter-spacing:-.005em;margin:52px 0 14px;padding-top:14px;border-top:1px solid var(--fig-rule)}
h3{font-size:.95rem;line-height:1.35;margin:0 0 10px}
p{margin:0 0 12px;max-width:76ch}
.byline{color:var(--fig-quiet);font-size:.875rem;margin:0}
.answer{font-size:1.125rem;line-height:1.6;max-width:70ch;margin:22px 0 0}
.notice{border-left:4px solid var(--fig-null);padding:10px 16px;margin:18px 0;max-width:76ch;
background:color-mix(in srgb,var(--fig-null) 9%,var(--fig-surface))}
.notice strong{display:block}
.small{font-size:.875rem;color:var(--fig-quiet)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,158px),1fr));gap:14px;margin:28px 0 0}
.tile{border:1px solid var(--fig-rule);border-radius:10px;padding:13px 16px 12px}
.tile .label{font-size:.8125rem;color:var(--fig-quiet);display:block}
.tile .value{font-size:1.7rem;line-height:1.25;font-weight:600;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.tile .unit{font-size:.875rem;font-weight:400;color:var(--fig-quiet);letter-spacing:0}
.tile .beside{font-size:.8125rem;color:var(--fig-quiet);display:block;font-variant-numeric:tabular-nums}
.track{display:block;position:relative;height:5px;border-radius:3px;background:var(--fig-rule);margin:8px 0 7px}
.track i{position:absolute;inset:0 auto 0 0;border-radius:3px;background:var(--fig-c0)}
.track b{position:absolute;top:-3px;bottom:-3px;width:2px;background:var(--fig-null)}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,420px),1fr));gap:44px 44px;margin:24px 0}
h2+.figures{margin-top:0}
figure{margin:0;container-type:inline-size;max-width:540px;min-width:0;break-inside:avoid}
figcaption{font-size:.8125rem;line-height:1.5;color:var(--fig-quiet);margin-top:10px}
.table{overflow-x:auto;margin:0 0 14px;--shade:color-mix(in srgb,var(--fig-ink) 16%,transparent);
background:linear-gradient(90deg,var(--fig-surface) 40%,transparent) 0 0/40px 100% no-repeat local,
linear-gradient(270deg,var(--fig-surface) 40%,transparent) 100% 0/40px 100% no-repeat local,
linear-gradient(90deg,var(--shade),transparent) 0 0/12px 100% no-repeat scroll,
linear-gradient(270deg,var(--shade),transparent) 100% 0/12px 100% no-repeat scroll}
table{border-collapse:collapse;font-size:.875rem;font-variant-numeric:tabular-nums;min-width:100%}
.caption{font-size:.875rem;color:var(--fig-quiet);margin:0 0 6px}
.series{white-space:nowrap}.around{color:var(--fig-quiet)}.best{color:var(--fig-c0)}
th,td{padding:6px 10px;text-align:left;white-space:nowrap;border-bottom:1px solid var(--fig-rule)}
th:first-child,td:first-child{padding-left:0}
th:last-child,td:last-child{padding-right:0}
thead th{font-weight:600;vertical-align:bottom;border-bottom-color:var(--fig-quiet);white-space:normal}
tbody th{font-weight:500;white-space:normal;min-width:8em}
th.n,td.n{text-align:right}
td.null,th.null,.nulltext{color:var(--fig-null)}
.remark{display:block;min-width:18em;white-space:normal}
th .sub{display:block;font-weight:400;font-size:.86em;color:var(--fig-quiet)}
th button{all:unset;cursor:pointer}th button:focus-visible{outline:2px solid var(--fig-c0);outline-offset:2px}
th[aria-sort] button::after{content:"\\00a0▲";color:var(--fig-c0);font-size:.8em}
th[aria-sort="descending"] button::after{content:"\\00a0▼"}
tr.mean td,tr.mean th{font-weight:600;border-bottom:0}
abbr[title]{text-decoration:underline dotted var(--fig-quiet);text-underline-offset:3px;cursor:help}
dl.words{display:grid;grid-template-columns:minmax(9em,max-content) minmax(0,1fr);gap:8px 20px;margin:0;font-size:.875rem}
dl.words dt{font-weight:600}
dl.words dd{margin:0;overflow-wrap:anywhere}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));gap:0 44px;margin:0 0 14px;font-size:.875rem}
.facts div{display:flex;justify-content:space-between;gap:18px;padding:5px 0;border-bottom:1px solid var(--fig-rule)}
.facts dt{color:var(--fig-quiet)}.facts dd{margin:0;text-align:right;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:28px 44px;align-items:start}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.8125rem}
code{overflow-wrap:anywhere}
pre{background:color-mix(in srgb,var(--fig-quiet) 9%,var(--fig-surface));border-radius:8px;padding:14px 16px;overflow-x:auto;
line-height:1.5;margin:0 0 14px}
details{margin:0 0 14px}
summary{cursor:pointer;font-weight:600;font-size:.9375rem;padding:4px 0}
details[open] summary{margin-bottom:8px}
a{color:var(--fig-c0)}
.dot{display:inline-block;width:.7em;height:.7em;border-radius:50%;margin-right:.5em}
.status{display:inline-block;padding:1px 9px;border-radius:99px;border:1px solid currentColor;font-size:.8125rem}
@media (max-width:560px){main{padding:24px 12px 48px}h1{font-size:1.5rem}.answer{font-size:1.0625rem}
dl.words{grid-template-columns:minmax(0,1fr);gap:0}dl.words dd{margin-bottom:10px}
.tiles{grid-template-columns:repeat(2,minmax(0,1fr));gap:10px}.tile{padding:10px 12px}.tile .value{font-size:1.4rem}
th,td{padding:6px 9px}}
@media print{main{max-width:none;padding:0}h2{break-after:avoid}tr,.tile,.notice{break-inside:avoid}
.figures{grid-template-columns:repeat(2,minmax(0,1fr));gap:24px}.table{overflow:visible;background:none}table{font-size:.7rem}
pre{white-space:pre-wrap}details::details-content{content-visibility:visible;block-size:auto}
body{font-size:10.5pt}.answer{font-size:12pt;max-width:none}}
`;
