/**
 * An SMTP server that accepts everything as fast as it can: raw sockets, PIPELINING, no parsing
 * beyond what the protocol needs. Prints its port, then answers each line on stdin with the number
 * of mails it has taken, and for how many people whose address begins with its argument.
 */
import { createServer } from 'node:net'

const END = Buffer.from('\r\n.\r\n')
let taken = 0
const [, , prefix] = process.argv
const counted = new Set<string>()

const server = createServer((socket) => {
  socket.setNoDelay(true)
  socket.on('error', () => {})
  socket.write('220 sink ESMTP\r\n')
  let rest: Buffer = Buffer.alloc(0)
  let inData = false
  let recipient = ''
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let replies = ''
    for (;;) {
      if (inData) {
        const end = rest.indexOf(END)
        if (end < 0) {
          // Drop everything but a possible beginning of the end mark.
          if (rest.length > END.length) rest = rest.subarray(rest.length - END.length + 1)
          break
        }
        rest = rest.subarray(end + END.length)
        inData = false
        taken += 1
        if (prefix && recipient.startsWith(prefix)) counted.add(recipient)
        // As long as Postfix's and unique for each mail, since the ledger stores it.
        replies += `250 2.0.0 Ok: queued as ${taken.toString(16).toUpperCase().padStart(11, '0')}\r\n`
        continue
      }
      const line = rest.indexOf('\r\n')
      if (line < 0) break
      const verb = rest.toString('latin1', 0, Math.min(4, line)).toUpperCase()
      if (prefix && verb === 'RCPT')
        recipient = rest.toString('latin1', 'RCPT TO:<'.length, rest.indexOf('>'))
      rest = rest.subarray(line + 2)
      if (verb === 'EHLO')
        replies += '250-sink\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250 8BITMIME\r\n'
      else if (verb === 'DATA') {
        inData = true
        replies += '354 go on\r\n'
        rest = Buffer.concat([Buffer.from('\r\n'), rest])
      } else if (verb === 'QUIT') {
        socket.end(`${replies}221 bye\r\n`)
        return
      } else replies += '250 ok\r\n'
    }
    if (replies) socket.write(replies)
  })
})

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`${typeof address === 'object' && address ? address.port : 0}\n`)
})
process.stdin.on('data', () => process.stdout.write(`${taken} ${counted.size}\n`))
process.stdin.on('end', () => process.exit(0))
