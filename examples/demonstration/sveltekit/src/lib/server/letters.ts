export function signed(text: string, by: string): string {
  return `${text}\n${by}`
}
