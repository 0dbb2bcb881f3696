// What the app is made of: one CDK construct per file, small readonly props, grants that give the right and the address.
// May import contracts and CDK (and esbuild, to bundle); of functions, containers and models it knows the paths only.
// What is deployed together, and who may reach whom, does not belong here: that is lib/stacks.
export * from './batch-checks.ts';
export * from './campaign-schedules.ts';
export * from './gpu-compute.ts';
export * from './job-feed.ts';
export * from './network.ts';
export * from './object-feed.ts';
export * from './pipeline-function.ts';
export * from './private-bucket.ts';
export * from './queue-fed-function.ts';
export * from './state-table.ts';
export * from './sweep-clock.ts';
export * from './watch.ts';
export * from './work-queue.ts';
export * from './worker-job.ts';
