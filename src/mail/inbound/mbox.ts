/** Splits an mbox file (RFC 4155). */

const LF = 0x0a
const FROM = Buffer.from('From ')

/** Returns the mails of an mbox; a file that does not begin with a `From ` line is one mail. */
export function mailsIn(file: Buffer): Buffer[] {
  if (!file.subarray(0, FROM.length).equals(FROM)) return [file]
  const starts = [0]
  for (let at = file.indexOf('\nFrom '); at >= 0; at = file.indexOf('\nFrom ', at + 1))
    // Only after an empty line, because sentences begin with `From `, too.
    if (file[at - 1] === LF || (file[at - 1] === 0x0d && file[at - 2] === LF)) starts.push(at + 1)
  return starts.map((start, index) => unquoted(file.subarray(start, starts[index + 1])))
}

/** Removes the `>` that an mbox puts before lines that begin with `From `. */
const unquoted = (mail: Buffer) =>
  Buffer.from(mail.toString('latin1').replace(/^>(>*From )/gm, '$1'), 'latin1')
