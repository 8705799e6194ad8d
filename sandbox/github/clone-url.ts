// The address a person clones from, with their token in it, so that it can be pasted as it stands: this is a laptop.
export function cloneUrl(url: string, full: string, person: { login: string; token: string } | null): string {
  const credentials = person ? `${person.login}:${person.token}@` : ''
  return `${url.replace('://', `://${credentials}`)}/${full}.git`
}
