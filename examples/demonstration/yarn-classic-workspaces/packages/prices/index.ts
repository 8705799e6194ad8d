namespace prices {
  export enum Currency {
    Euro = '€',
    Pound = '£',
  }

  export function show(cents: number, currency: Currency): string {
    return `${currency} ${(cents / 100).toFixed(2)}`
  }
}

export = prices
