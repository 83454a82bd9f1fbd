declare module 'mailauth' {
  export function authenticate(
    message: Buffer,
    options: {
      ip: string
      helo: string
      sender: string
      resolver: (name: string, type: string) => Promise<string[][]>
    },
  ): Promise<{ dkim: { results: { status: { result: string } }[] } }>
}
