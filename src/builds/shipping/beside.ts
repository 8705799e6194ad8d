// Whether a package's code may use files that lie beside it, as far as its text tells. Pure.

/** Native code, or a package chosen by platform whose name is put together. */
const native =
  /[\w}-]\.node[`'"]|\bnode-gyp-build\b|\bnode-pre-gyp\b|require\(\s*['"]bindings['"]\s*\)|\bprocess\.dlopen\b/
const byPlatform = /\bprocess\.(?:platform|arch)\b/
const builtName = /\brequire\(\s*`[^`]*\$\{/
/** Its own place, from which files may be named. */
const place = /\b__dirname\b|\b__filename\b|\bimport\.meta\.(?:url|dirname|filename)\b/
const ownRequire = /\bcreateRequire\(\s*import\.meta\.(?:url|filename)\s*\)/
const relative = /\brequire\w*\(\s*['"]\.{1,2}\//

export type Beside = 'native' | 'files' | 'perhaps' | 'no'

/** `perhaps`: only tracing it tells. */
export function readsBeside(text: string): Beside {
  if (native.test(text) || (byPlatform.test(text) && builtName.test(text))) return 'native'
  if (ownRequire.test(text) && relative.test(text)) return 'files'
  return place.test(text) ? 'perhaps' : 'no'
}
