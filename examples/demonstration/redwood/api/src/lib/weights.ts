export const gramsOfApple = 180

export const kilos = (grams: number) => Math.round(grams / 100) / 10
