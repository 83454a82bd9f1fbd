declare module 'mailauth' {
  export function authenticate(
    message: Buffer,
    options: {
      ip: string
      helo: string
      sender: string
      resolver: (name: string, type: string) => Promise<unknown>
    },
  ): Promise<{
    dkim: { results: { status: { result: string } }[] }
    spf?: { status: { result: string } }
    dmarc?: { status: { result: string } }
  }>
}
