/** `npm run bench`: the contest and what belongs to it, or with `-- --launch` a launch. */
if (process.argv.includes('--launch')) await import('./launch/run.ts')
else await import('./run.ts')
