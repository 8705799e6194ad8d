export const enum Tone {
  Friendly = 'Dear',
  Stern = 'To',
}

export function reminder(name: string, tone: Tone = Tone.Friendly): string {
  return `${tone} ${name}, your library books are due tomorrow.`
}
