import 'server-only'

export async function deliver(to: string, html: string) {
  console.log(`to ${to}: ${html.length} characters`)
  return { to, html }
}
