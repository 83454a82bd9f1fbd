/** `npm run bench`: how fast mail goes out (run.ts), or with `-- --operator` what a large ledger costs (operator/run.ts). */
await import(process.argv.includes('--operator') ? './operator/run.ts' : './run.ts')
