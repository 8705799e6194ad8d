export function TicketMail({ event, seat }: { event: string; seat: string }) {
  return (
    <html lang="en">
      <body>
        <h1>{event}</h1>
        <p>Your seat: {seat}</p>
      </body>
    </html>
  )
}
