/**
 * `npm run bench`: how fast mail goes out (run.ts), and what a mail and the ledger cost (ledger).
 * With an option, only that part: the cost of a launch, of a large installation, of many articles,
 * of a day's bounces or of the ledger, the bloat of tables over a month, or the waiting that a
 * migration causes.
 */
const part = ['launch', 'operator', 'articles', 'bounces', 'ledger', 'bloat', 'migrate'].find(
  (name) => process.argv.includes(`--${name}`),
)
if (part) await import(`./${part}/run.ts`)
else {
  await import('./run.ts')
  // Not with --json, since readers of run.ts's JSON do not expect more.
  if (!process.argv.includes('--json')) await import('./ledger/run.ts')
}
