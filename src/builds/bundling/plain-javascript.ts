// Code looked at as text, where parsing it would be too much. Pure.

/** Strings keep what looks like a comment in them. */
export function withoutComments(text: string): string {
  return text.replace(
    /('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\//g,
    (comment, string: string | undefined) => string ?? comment.replace(/[^\n]/g, ' '),
  )
}

/** The lines on which a decorator begins: of a class, a member or a parameter. */
export function decoratorLines(text: string): number[] {
  if (!text.includes('@') || !/\bclass\b/.test(text)) return []
  const code = withoutComments(text).replace(/`(?:[^`\\]|\\.)*`/g, string => string.replace(/[^\n]/g, ' '))
  return code
    .split('\n')
    .flatMap((line, index) =>
      /^\s*(?:constructor\()?@[A-Za-z_$][\w$.]*(?:\(|\s|$)/.test(line) ? [index + 1] : [],
    )
}
