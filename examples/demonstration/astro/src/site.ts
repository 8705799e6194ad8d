export const title = 'Observatory'
