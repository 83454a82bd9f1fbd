/**
 * `npm run bench`: how fast mail goes out (run.ts), and what a mail and the ledger cost (ledger);
 * or with an option one of these parts: what a launch, a large installation, many articles, the
 * bounces of a day, or the ledger costs, how the tables of a month bloat, or what a migration
 * keeps others from.
 */
const part = ['launch', 'operator', 'articles', 'bounces', 'ledger', 'bloat', 'migrate'].find(
  (name) => process.argv.includes(`--${name}`),
)
if (part) await import(`./${part}/run.ts`)
else {
  await import('./run.ts')
  // In figures of its own: what reads the first as JSON goes on reading it.
  if (!process.argv.includes('--json')) await import('./ledger/run.ts')
}
