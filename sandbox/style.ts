// The look of both sandboxes' pages: one quiet style sheet, light and dark by what the reader prefers.
import { trusted } from './html.ts'

const colors = `
:root {
  color-scheme: light dark;
  --text: #1f2328; --soft: #59636e; --line: #d1d9e0; --line-soft: #e6eaef; --page: #ffffff; --panel: #f6f8fa;
  --link: #0969da; --green: #1a7f37; --red: #cf222e; --amber: #9a6700; --purple: #8250df; --gray: #818b98;
  --primary: #1f883d; --primary-text: #ffffff; --tint: #ddf4ff; --bar: #f6f8fa; --shadow: 0 1px 2px #1f23280d;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6edf3; --soft: #9198a1; --line: #3d444d; --line-soft: #2a313a; --page: #0d1117; --panel: #151b23;
    --link: #4493f8; --green: #3fb950; --red: #f85149; --amber: #d29922; --purple: #ab7df8; --gray: #656c76;
    --primary: #238636; --primary-text: #ffffff; --tint: #121d2f; --bar: #010409; --shadow: none;
  }
}`

const base = `
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 14px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
h1 { font-size: 24px; line-height: 1.3; font-weight: 500; margin: 0 0 8px; } h2 { font-size: 16px; font-weight: 600; margin: 0; }
code, pre, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: 85%; }
code { background: color-mix(in srgb, var(--gray) 18%, transparent); border-radius: 6px; padding: .15em .4em; }
pre { background: var(--panel); border-radius: 6px; padding: 12px 16px; overflow-x: auto; line-height: 1.45; margin: 0 0 12px; }
pre code { background: none; padding: 0; font-size: 100%; }
svg { vertical-align: -.18em; fill: currentColor; flex: none; }
main { max-width: 1080px; margin: 0 auto; padding: 24px 20px 72px; }
.soft { color: var(--soft); } .small { font-size: 12px; } .strong { font-weight: 600; } .grow { flex: 1; min-width: 0; }
.row { display: flex; align-items: center; gap: 8px; flex-wrap: wrap; } .gap { margin-top: 20px; } .end { margin-left: auto; }
.green { color: var(--green); } .red { color: var(--red); } .amber { color: var(--amber); } .purple { color: var(--purple); } .gray { color: var(--gray); }`

const frame = `
.top { background: var(--bar); border-bottom: 1px solid var(--line); }
.top nav { max-width: 1080px; margin: 0 auto; padding: 12px 20px; display: flex; gap: 20px; align-items: center; flex-wrap: wrap; }
.top a { color: var(--text); } .brand { font-weight: 600; display: flex; gap: 8px; align-items: center; }
.as { margin-left: auto; display: flex; gap: 4px; align-items: center; color: var(--soft); font-size: 12px; flex-wrap: wrap; }
.as a { border-radius: 999px; padding: 2px 9px 2px 3px; display: inline-flex; gap: 5px; align-items: center; color: var(--soft); }
.as a.on { background: var(--page); box-shadow: 0 0 0 1px var(--line); color: var(--text); font-weight: 600; }
.avatar { border-radius: 50%; vertical-align: middle; flex: none; background: var(--panel); } .avatar.square { border-radius: 6px; }
.notice { border: 1px solid var(--line); border-left: 3px solid var(--link); background: var(--tint); border-radius: 6px; padding: 10px 14px; margin-bottom: 16px; }`

const boxes = `
.box { border: 1px solid var(--line); border-radius: 8px; background: var(--page); margin-bottom: 16px; overflow: hidden; box-shadow: var(--shadow); }
.box > header { background: var(--panel); border-bottom: 1px solid var(--line); padding: 10px 16px; display: flex; align-items: center; gap: 8px; flex-wrap: wrap; }
.box > .item { padding: 10px 16px; border-top: 1px solid var(--line-soft); display: flex; gap: 10px; align-items: center; flex-wrap: wrap; }
.box > .item:first-child, .box > header + .item { border-top: 0; } .box > .body { padding: 16px; }
.title { font-weight: 600; color: var(--text); }
.label { border: 1px solid var(--line); border-radius: 999px; padding: 0 8px; font-size: 12px; line-height: 20px; color: var(--soft); white-space: nowrap; }
.state { border-radius: 999px; color: #fff; padding: 4px 12px; font-weight: 500; display: inline-flex; gap: 6px; align-items: center; }
.state.open { background: #1f883d; } .state.merged { background: #8250df; } .state.closed { background: #cf222e; } .state.draft { background: #59636e; } .state.done { background: #8250df; }
.clone { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 8px 12px; overflow-x: auto; white-space: nowrap; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr) 300px; gap: 24px; } @media (max-width: 820px) { .columns { grid-template-columns: minmax(0, 1fr); } }
.side section { border-bottom: 1px solid var(--line-soft); padding: 0 0 14px; margin-bottom: 14px; } .side h3 { font-size: 12px; color: var(--soft); margin: 0 0 6px; font-weight: 600; }
.empty { color: var(--soft); padding: 20px 16px; text-align: center; }`

const forms = `
button, .button { font: inherit; font-size: 13px; font-weight: 500; line-height: 20px; padding: 4px 12px; border-radius: 6px; border: 1px solid var(--line); background: var(--panel); color: var(--text); cursor: pointer; display: inline-block; }
button:hover, .button:hover { background: color-mix(in srgb, var(--gray) 22%, var(--panel)); text-decoration: none; }
button.primary, .button.primary { background: var(--primary); color: var(--primary-text); border-color: transparent; } button.primary:hover { filter: brightness(1.08); }
button.danger { color: var(--red); } button:disabled { opacity: .5; cursor: default; }
form { margin: 0; } form.inline { display: inline-flex; gap: 6px; align-items: center; flex-wrap: wrap; }
textarea, input[type=text], select { font: inherit; color: var(--text); background: var(--page); border: 1px solid var(--line); border-radius: 6px; padding: 5px 10px; }
textarea { width: 100%; min-height: 92px; display: block; resize: vertical; font-size: 13px; } select { padding: 4px 6px; font-size: 13px; } input[type=text] { min-width: 220px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }`

const conversation = `
.timeline { border-left: 2px solid var(--line-soft); margin-left: 19px; padding-left: 32px; }
.timeline .box { position: relative; overflow: visible; } .timeline .box > header { border-radius: 8px 8px 0 0; padding: 8px 16px; }
.timeline .box > .avatar-out { position: absolute; left: -72px; top: 0; } @media (max-width: 620px) { .timeline { margin-left: 0; padding-left: 0; border: 0; } .avatar-out { display: none; } }
.happened { color: var(--soft); margin: 0 0 16px; display: flex; gap: 8px; align-items: center; }
.reactions { display: flex; gap: 6px; padding: 0 16px 14px; flex-wrap: wrap; } .reactions span { border: 1px solid var(--line); border-radius: 999px; padding: 1px 9px; font-size: 12px; background: var(--tint); }
.markdown > :last-child { margin-bottom: 0; } .markdown p, .markdown ul, .markdown ol, .markdown table, .markdown blockquote, .markdown details { margin: 0 0 12px; }
.markdown ul, .markdown ol { padding-left: 26px; } .markdown li:has(> input) { list-style: none; margin-left: -22px; } .markdown h1, .markdown h2, .markdown h3, .markdown h4 { font-weight: 600; margin: 18px 0 10px; line-height: 1.3; } .markdown > :first-child { margin-top: 0; }
.markdown h1 { font-size: 20px; } .markdown h2 { font-size: 17px; border-bottom: 1px solid var(--line-soft); padding-bottom: 4px; } .markdown h3 { font-size: 15px; } .markdown h4 { font-size: 14px; }
.markdown table { border-collapse: collapse; display: block; overflow-x: auto; width: max-content; max-width: 100%; } .markdown th, .markdown td { border: 1px solid var(--line); padding: 5px 12px; text-align: left; } .markdown tr:nth-child(even) td { background: var(--panel); }
.markdown blockquote { border-left: 3px solid var(--line); padding-left: 14px; color: var(--soft); } .markdown hr { border: 0; border-top: 1px solid var(--line); margin: 16px 0; }
summary { cursor: pointer; } .annotation { border-left: 3px solid var(--gray); } .annotation.failure { border-left-color: var(--red); } .annotation.warning { border-left-color: var(--amber); } .annotation pre { margin: 6px 0 0; white-space: pre-wrap; }`

export const style = trusted(`<style>${colors}${base}${frame}${boxes}${forms}${conversation}</style>`)
