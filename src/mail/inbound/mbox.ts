/** Parts a file of mails (RFC 4155). */

const LF = 0x0a
const FROM = Buffer.from('From ')

/** The mails of an mbox; a file that begins with no `From ` line is one mail. */
export function mailsIn(file: Buffer): Buffer[] {
  if (!file.subarray(0, FROM.length).equals(FROM)) return [file]
  const starts = [0]
  for (let at = file.indexOf('\nFrom '); at >= 0; at = file.indexOf('\nFrom ', at + 1))
    // Only behind an empty line; `From ` begins sentences, too.
    if (file[at - 1] === LF || (file[at - 1] === 0x0d && file[at - 2] === LF)) starts.push(at + 1)
  return starts.map((start, index) => unquoted(file.subarray(start, starts[index + 1])))
}

/** Without the `>` that an mbox puts before lines that begin with `From `. */
const unquoted = (mail: Buffer) =>
  Buffer.from(mail.toString('latin1').replace(/^>(>*From )/gm, '$1'), 'latin1')
