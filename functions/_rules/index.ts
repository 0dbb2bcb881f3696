// What lives here: what several steps think alike, pure or through ports that are handed in.
// May import contracts, types of _shared/ports, _shared/errors, hash and router, zod, yaml; never the SDK, a step or the environment.
// What only one step thinks does not belong here: it lies beside that step.
export * from './advice.ts';
export * from './campaign-wakes.ts';
export * from './documents.ts';
export * from './findings.ts';
export * from './passport.ts';
export * from './readings.ts';
export * from './rejected-upload.ts';
export * from './stored-json.ts';
export * from './tuning-set.ts';
export * from './vectors.ts';
export * from './waits.ts';
