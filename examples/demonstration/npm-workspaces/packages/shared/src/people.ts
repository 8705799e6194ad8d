/** ada.lovelace@example.com is addressed as Ada Lovelace. */
export function addressee(email: string): string {
  const [local = ''] = email.split('@')
  return local
    .split('.')
    .map(part => part.charAt(0).toUpperCase() + part.slice(1))
    .join(' ')
}
