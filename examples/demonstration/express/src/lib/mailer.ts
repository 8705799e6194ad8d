export interface Mail {
  to: string
  subject: string
}

export async function send(mail: Mail): Promise<string> {
  console.log('sending', mail)
  return `${mail.subject} <${mail.to}>`
}
