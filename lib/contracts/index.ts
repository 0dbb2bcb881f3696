// What crosses a border: schemas of files, jobs, events and rows, object keys, variable names, codes.
// May import zod and its own files; nothing of ours, no CDK, no SDK, no Node built-ins.
// Behaviour does not belong here: a contract says what is valid, never what to do with it.
export * from './bench.ts';
export * from './campaign.ts';
export * from './codes.ts';
export * from './common.ts';
export * from './environment.ts';
export * from './events.ts';
export * from './job.ts';
export * from './keys.ts';
export * from './model.ts';
export * from './plan.ts';
export * from './recipe.ts';
export * from './reports.ts';
export * from './result.ts';
export * from './rows.ts';
export * from './stage.ts';
export * from './subject.ts';
export * from './variant.ts';
